/** Keys of the search page. Off while somebody types or a dialog is open. */
interface Actions {
  search: () => void
  map: () => void
  help: () => void
}

const ROWS = '#list [data-code]'

export function searchKeys(actions: Actions) {
  const table: Record<string, () => void> = {
    '/': actions.search,
    m: actions.map,
    '?': actions.help,
    j: () => step(1),
    k: () => step(-1),
    c: () => press(1),
    s: () => press(0),
  }
  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector('dialog[open]')) return
    const action = table[event.key]
    if (!action) return
    event.preventDefault()
    action()
  }
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ROWS)]
}

function step(by: number) {
  const all = rows()
  const at = all.findIndex((row) => row.contains(document.activeElement))
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]
  next?.querySelector('a')?.focus()
  next?.scrollIntoView({ block: 'nearest' })
}

/** Presses a row's own button: in lists the shortlist comes first, in tables the comparison. */
function press(which: 0 | 1) {
  const row = rows().find((one) => one.contains(document.activeElement))
  const buttons = row?.querySelectorAll<HTMLButtonElement>('button[aria-pressed]')
  const order = row?.tagName === 'TR' ? 1 - which : which
  buttons?.[order]?.click()
}
