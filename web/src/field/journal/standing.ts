/** What the journal says of a target, in a few words: small enough to be held for every target of a campaign, however many entries there are. */
import type { VisitOutcome } from '../../api/field'
import { isUnsent, type Answer, type Entry, type EntryState, type VisitEntry } from './entries'
import type { FieldStore } from './store'

/** Why it was not taken: the stable key, and words. */
export type Refusal = Pick<Answer, 'reason' | 'detail'>

export interface Standing {
  /** The last visit that was not taken back. */
  visit: { id: string; outcome: VisitOutcome; state: EntryState; refusal: Refusal } | null
  /** How far the visit's entries have come: the one that is farthest behind. */
  state: EntryState | null
  /** Visits that were taken back here, by id. */
  undone: readonly string[]
  /** Whether anything of it waits to be sent. */
  waits: boolean
}

/** States from the one that needs most attention. */
const URGENCY: readonly EntryState[] = [
  'returned',
  'conflict',
  'saved',
  'sealed',
  'sent',
  'proposed',
  'merged',
  'applied',
]

/** Of one record's entries in one campaign. */
export function standing(own: readonly Entry[]): Standing {
  // What the server refused to take back stands.
  const undone = own.flatMap((entry) =>
    entry.kind === 'undo' && entry.state !== 'returned' ? [entry.payload.visit] : [],
  )
  const visit = lastVisit(own, undone)
  const waits = own.some((entry) => isUnsent(entry.state))
  if (!visit) return { visit: null, state: null, undone, waits }
  const parts = own.filter((entry) => entry.visit === visit.id && entry.state !== 'withdrawn' && entry.kind !== 'undo')
  const state = URGENCY.find((one) => parts.some((entry) => entry.state === one)) ?? visit.state
  const refusal = { reason: visit.answer?.reason, detail: visit.answer?.detail }
  return { visit: { id: visit.id, outcome: visit.payload.outcome, state: visit.state, refusal }, state, undone, waits }
}

function lastVisit(own: readonly Entry[], undone: readonly string[]): VisitEntry | null {
  const visits = own.filter(
    (entry): entry is VisitEntry => entry.kind === 'visit' && entry.state !== 'withdrawn' && !undone.includes(entry.id),
  )
  return visits.reduce<VisitEntry | null>((last, one) => (last && last.counter > one.counter ? last : one), null)
}

/** Reads one record after the other: what one target has is in memory at a time. */
export async function readStandings(
  store: FieldStore,
  campaign: string,
  records: Iterable<string>,
): Promise<Map<string, Standing>> {
  const out = new Map<string, Standing>()
  for (const record of records) {
    const own = await store.entries.where('record').equals(record).toArray()
    out.set(record, standing(own.filter((entry) => entry.campaign === campaign)))
  }
  return out
}
