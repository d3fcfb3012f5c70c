/** What waits for a later try may go at once: somebody asked for it. */
import type { FieldStore } from './store'

export async function hasten(store: FieldStore): Promise<void> {
  const unsent = store.entries.where('state').anyOf('saved', 'sealed', 'sent')
  await unsent.filter((entry) => entry.notBefore !== undefined).modify({ notBefore: 0 })
}
