/** Keys of the desk for suitability. Off while somebody types or a dialog is open. */
import { isTyping } from '../keys'
import { desk } from '../../state/suit/desk.svelte'
import { TABS } from '../../state/suit/link'

interface Actions {
  map: () => void
  help: () => void
  requirement: () => void
  list: () => void
}

const ROWS = '#answer [data-code]'

export function deskKeys(actions: Actions) {
  const table: Record<string, () => void> = {
    m: actions.map,
    '?': actions.help,
    r: actions.requirement,
    j: () => step(1, actions),
    k: () => step(-1, actions),
    c: compare,
  }
  for (const [place, tab] of TABS.entries()) table[String(place + 1)] = () => desk.set({ tab })
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector('dialog[open]')) return
    const action = table[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ROWS)]
}

function step(by: number, actions: Actions) {
  actions.list()
  const all = rows()
  const at = all.findIndex((row) => row.contains(document.activeElement))
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]
  next?.querySelector('button')?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

function compare() {
  const code = rows().find((one) => one.contains(document.activeElement))?.dataset['code']
  if (code) desk.toggleCompare(code)
}
