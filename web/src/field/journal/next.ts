/** When something can be sent next. What cannot go by waiting is no reason to ask the server: photos of an answer that is not saved, entries of somebody else. */
import { isUnsent, UNSENT, type Entry } from './entries'
import { GRACE_MS, type Journal } from './journal'
import type { FieldStore } from './store'

/** What is kept in memory of each entry that waits. */
interface Waiting extends Pick<Entry, 'kind' | 'state' | 'visit'> {
  isOwn: boolean
  /** Until it may go by itself, milliseconds. */
  ms: number
}

/** Milliseconds until the journal gives something to send under an account; `null` while nothing will by waiting. */
export async function untilNext({ store, now }: Journal, account: string): Promise<number | null> {
  const at = now()
  const all: Waiting[] = []
  const unsent = store.entries.where('state').anyOf([...UNSENT])
  await unsent.each((entry) => {
    const { kind, state, visit } = entry
    all.push({ kind, state, visit, isOwn: entry.account === account, ms: msLeft(entry, at) })
  })
  const visitsOf = (kind: Entry['kind']) => new Set(all.filter((one) => one.kind === kind).map((one) => one.visit))
  const [edits, visits] = [visitsOf('edit'), visitsOf('visit')]
  const answered = await answeredOf(store, visitsOf('photo'))
  // What has to wait for another entry goes in that one's round, or in the next.
  const isFree = ({ kind, state, visit }: Waiting) => {
    if (kind === 'edit') return true
    if (kind === 'photo') return answered.has(visit)
    return state !== 'saved' || !(edits.has(visit) || (kind === 'undo' && visits.has(visit)))
  }
  const mine = all.filter((one) => one.isOwn && isFree(one))
  return mine.reduce<number | null>((least, { ms }) => Math.min(least ?? ms, ms), null)
}

/** How long an entry has to wait: until it can no longer be withdrawn, and until its next try. */
function msLeft({ kind, state, savedAt, notBefore = 0 }: Entry, at: number): number {
  // As when it is sealed: a clock that was set back holds nothing.
  const isYoung = state === 'saved' && kind !== 'photo' && Math.abs(at - savedAt) < GRACE_MS
  return Math.max(0, notBefore - at, isYoung ? savedAt + GRACE_MS - at : 0)
}

async function answeredOf({ entries }: FieldStore, visits: ReadonlySet<string>): Promise<Set<string>> {
  const out = new Set<string>()
  await entries
    .where('visit')
    .anyOf([...visits])
    .filter((entry) => entry.kind === 'visit' && !isUnsent(entry.state) && entry.state !== 'withdrawn')
    .each((entry) => void out.add(entry.visit))
  return out
}
