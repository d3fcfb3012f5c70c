/** The screen: package and journal folded together. Pure, so that a reload shows the same. */
import type { FieldPackage, Target, VisitOutcome } from '../api/field'
import type { Feature, Properties, Value } from '../api/types'
import type { Draft, Entry, EntryState, PhotoEntry, VisitEntry } from './journal/entries'
import type { LonLat } from './geo'

export type Progress = VisitOutcome | 'open' | 'returned' | 'by_other'

export interface Row {
  target: Target
  feature: Feature | null
  progress: Progress
  /** How far the visit's entries have come: the one that is farthest behind. */
  state: EntryState | null
  visit: VisitEntry | null
  /** Why a reviewer sent it back. */
  reason: string
  photos: PhotoEntry[]
  hasDraft: boolean
  point: LonLat | null
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

export function rows(doc: FieldPackage, entries: Iterable<Entry>, drafts: Iterable<Draft>): Row[] {
  const byRecord = new Map<string, Entry[]>()
  for (const entry of entries) byRecord.set(entry.record, [...(byRecord.get(entry.record) ?? []), entry])
  const features = new Map(doc.carriers.features.map((feature) => [feature.id, feature]))
  const drafted = new Set(
    [...drafts].filter((draft) => draft.campaign === doc.campaign.id).map((draft) => draft.record),
  )
  return doc.targets.map((target) => {
    const own = (byRecord.get(target.record) ?? []).filter((entry) => entry.campaign === doc.campaign.id)
    return rowOf({
      target,
      own,
      feature: features.get(target.record) ?? null,
      hasDraft: drafted.has(target.record),
    })
  })
}

interface Parts {
  target: Target
  own: Entry[]
  feature: Feature | null
  hasDraft: boolean
}

function rowOf({ target, own, feature, hasDraft }: Parts): Row {
  const visit = standing(own)
  const photos = own.filter((entry): entry is PhotoEntry => entry.kind === 'photo' && entry.state !== 'withdrawn')
  const common = { target, feature, photos, hasDraft, point: target.point }
  // What the server says of a visit holds unless the journal has another one.
  if (!visit || target.visit?.id === visit.id) {
    const known = told(target)
    if (!visit || !isDone(known)) return { ...common, ...known, state: visit?.state ?? null, visit }
  }
  const parts = own.filter((entry) => entry.visit === visit.id && entry.state !== 'withdrawn' && entry.kind !== 'undo')
  const state = URGENCY.find((one) => parts.some((entry) => entry.state === one)) ?? visit.state
  const refused = visit.state === 'returned'
  const reason = refused ? (visit.answer?.detail ?? visit.answer?.reason ?? '') : ''
  return { ...common, progress: refused ? 'returned' : visit.payload.outcome, state, visit, reason }
}

/** How a target stands by the server's word. */
function told(target: Target): { progress: Progress; reason: string } {
  const reason = target.visit?.review?.reason ?? ''
  if (target.state === 'returned') return { progress: 'returned', reason }
  if (target.state === 'excepted') return { progress: 'dropped', reason: '' }
  const counts = ['to_review', 'approved', 'quarantined'].includes(target.state)
  return { progress: counts ? (target.visit?.outcome ?? 'by_other') : 'open', reason: '' }
}

/** The last visit that was not taken back. */
function standing(own: readonly Entry[]): VisitEntry | null {
  const undone = new Set(own.flatMap((entry) => (entry.kind === 'undo' ? [entry.payload.visit] : [])))
  const visits = own.filter(
    (entry): entry is VisitEntry => entry.kind === 'visit' && entry.state !== 'withdrawn' && !undone.has(entry.id),
  )
  return visits.reduce<VisitEntry | null>((last, one) => (last && last.counter > one.counter ? last : one), null)
}

/** Values as they will be when all that this device has said is taken: the package's, and over them what the journal holds. */
export function values(feature: Feature | null, entries: Iterable<Entry>): Properties {
  const out: Record<string, Value> = { ...feature?.properties }
  const own = [...entries].filter((entry) => entry.kind === 'edit' && entry.record === feature?.id)
  for (const entry of own.sort((a, b) => a.counter - b.counter)) {
    const holds = entry.state !== 'withdrawn' && entry.state !== 'returned' && entry.state !== 'conflict'
    const version = entry.answer?.version ?? Infinity
    if (entry.kind === 'edit' && holds && version > (feature?.properties.version ?? 0))
      Object.assign(out, entry.payload.set)
  }
  return out as Properties
}

export function isDone(row: Pick<Row, 'progress'>): boolean {
  return row.progress !== 'open' && row.progress !== 'returned'
}

export interface Tally {
  all: number
  /** Seen on site. */
  visited: number
  /** Visited, or with a reason why not. Never the same number by another name. */
  accounted: number
  returned: number
}

export function tally(all: readonly Row[]): Tally {
  const visited = all.filter((row) => ['confirmed', 'changed', 'by_other'].includes(row.progress)).length
  return {
    all: all.length,
    visited,
    accounted: all.filter(isDone).length,
    returned: all.filter((row) => row.progress === 'returned').length,
  }
}
