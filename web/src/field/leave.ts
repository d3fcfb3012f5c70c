/** Whether somebody may log out; loaded only when somebody wants to, on whichever page. */
import { heldHere } from './journal/held'
import { fn } from './words.svelte'

/** Says why not, where something of this account is only on this device. */
export async function mayLeave(account: string): Promise<boolean> {
  const held = await heldHere(account)
  if (held > 0) alert(fn('leave.held', held))
  return held === 0
}
