/** How entries are made from wishes and from each other, and what an answer means for an entry. Pure. */
import type { About, Answer, Draft, EditEntry, Entry, EntryState, UndoEntry, Wish } from './entries'

export interface Stamp {
  device: string
  counter: number
  savedAt: number
}

export function stamp(wish: Wish, about: About, { device, counter, savedAt }: Stamp): Entry {
  const common = { ...about, id: wish.id, counter, savedAt, state: 'saved' as const }
  if (wish.kind === 'photo') return { ...common, kind: 'photo', payload: wish.payload, received: 0 }
  if (wish.kind === 'visit')
    return { ...common, kind: 'visit', payload: { ...wish.payload, id: wish.id, device, counter } }
  const { position, ...edit } = wish.payload
  const field = { device, counter, visit: about.visit, ...(position ? { position } : {}) }
  return { ...common, kind: 'edit', payload: { ...edit, id: wish.id, field }, before: wish.before }
}

/** Whether an edit says something other than what stood there. */
export function isChange(entry: EditEntry): boolean {
  return Object.entries(entry.payload.set).some(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(entry.before[key] ?? null),
  )
}

export function reversed(entry: EditEntry, { device, counter, savedAt }: Stamp): EditEntry {
  const { campaign, record, code, visit, account, payload, before } = entry
  const id = crypto.randomUUID()
  const set = Object.fromEntries(Object.keys(payload.set).map((key) => [key, before[key] ?? null]))
  const field = { ...payload.field, device, counter }
  const again = { ...payload, id, set, field, observed_at: new Date(savedAt).toISOString() }
  return {
    kind: 'edit',
    id,
    counter,
    campaign,
    record,
    code,
    visit,
    account,
    savedAt,
    state: 'saved',
    payload: again,
    before: payload.set,
  }
}

export function undoOf(document: Entry, { device, counter, savedAt }: Stamp): UndoEntry {
  const { campaign, record, code, visit, account } = document
  const id = crypto.randomUUID()
  return {
    kind: 'undo',
    id,
    counter,
    campaign,
    record,
    code,
    visit,
    account,
    savedAt,
    state: 'saved',
    payload: { visit, device },
  }
}

/** Two drafts of one target, begun or gone on with in two tabs: nothing that either has said is lost, and what is said now goes before. */
export function joined(there: Draft, mine: Draft): Draft {
  const isMine = (key: string) => key in mine.answers || mine.same.includes(key)
  const theirs = Object.entries(there.answers).filter(([key]) => !isMine(key))
  return {
    ...mine,
    visit: there.visit,
    outcome: mine.outcome ?? there.outcome,
    answers: { ...Object.fromEntries(theirs), ...mine.answers },
    same: [...mine.same, ...there.same.filter((key) => !isMine(key))],
    reason: mine.reason || there.reason,
    retryOn: mine.retryOn || there.retryOn,
    note: mine.note || there.note,
    // Later than both, so that either tab sees that it is another one.
    at: Math.max(there.at, mine.at) + 1,
  }
}

export function stateOf(answer: Answer): EntryState | null {
  const states: readonly string[] = ['applied', 'merged', 'conflict', 'proposed', 'returned']
  return states.includes(answer.outcome) ? (answer.outcome as EntryState) : null
}

export function isNoRoom(error: unknown): boolean {
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 5; depth += 1) {
    if (one.name === 'QuotaExceededError' || /quota/i.test(one.message)) return true
    one = (one as { inner?: unknown }).inner ?? one.cause
  }
  return error instanceof DOMException && error.name === 'QuotaExceededError'
}
