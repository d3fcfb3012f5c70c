/** The screen: package and journal folded together. Pure, so that a reload shows the same. */
import type { FieldPackage, Target, VisitOutcome } from '../api/field'
import type { Feature, Properties, Value } from '../api/types'
import { ADDRESS, NAME } from '../catalogue/core'
import type { Draft, Entry, EntryState } from './journal/entries'
import type { Standing } from './journal/standing'
import { accountOf, type KeptPackage } from './journal/store'
import type { LonLat } from './geo'

export type Progress = VisitOutcome | 'open' | 'returned' | 'by_other'

export interface Row {
  target: Target
  feature: Feature | null
  progress: Progress
  /** How far the visit's entries have come: the one that is farthest behind. */
  state: EntryState | null
  /** Why a reviewer sent it back, or the server. */
  reason: string
  /** The server's stable key, where it was the server. */
  reasonKey?: string | undefined
  hasDraft: boolean
  /** It is no longer on the list, but something of it is only here. */
  isGone: boolean
  point: LonLat | null
}

/** Targets with what the journal says of each; `standings` by record. */
export function rows(
  { doc, gone = [] }: Pick<KeptPackage, 'doc' | 'gone'>,
  standings: ReadonlyMap<string, Standing>,
  drafts: Iterable<Draft>,
): Row[] {
  const features = new Map(doc.carriers.features.map((feature) => [feature.id, feature]))
  const drafted = new Set(
    [...drafts].filter((draft) => draft.campaign === doc.campaign.id).map((draft) => draft.record),
  )
  const row = (target: Target, feature: Feature | null, isGone: boolean): Row => {
    const common = { target, feature, hasDraft: drafted.has(target.record), isGone, point: target.point }
    return { ...common, ...progressOf(target, standings.get(target.record)) }
  }
  const listed = doc.targets.map((target) => row(target, features.get(target.record) ?? null, false))
  const others = gone.map(({ target, feature }) => row(target, feature, true))
  return [...listed, ...others.filter((one) => one.hasDraft || standings.get(one.target.record)?.waits)]
}

/** What people call a target, and where it stands in which street; either may be unknown. */
export function calledOf(feature: Feature | null): string[] {
  const texts = [feature?.properties[NAME], feature?.properties[ADDRESS]]
  return texts.filter((text): text is string => typeof text === 'string' && text !== '')
}

/** Records of all that the screen may show. */
export function recordsOf({ doc, gone = [] }: Pick<KeptPackage, 'doc' | 'gone'>): string[] {
  return [...doc.targets, ...gone.map(({ target }) => target)].map((target) => target.record)
}

/** Keeps, of what a newer package or list no longer has, the targets that the surveyor still has something of. */
export function withGone(before: KeptPackage | null, after: KeptPackage, held: ReadonlySet<string>): KeptPackage {
  if (before?.id !== after.id || accountOf(before) !== accountOf(after)) return after
  const listed = new Set(after.doc.targets.map((target) => target.record))
  const features = new Map(before.doc.carriers.features.map((feature) => [feature.id, feature]))
  const known = before.doc.targets.map((target) => ({ target, feature: features.get(target.record) ?? null }))
  const all = [...(before.gone ?? []), ...known]
  return { ...after, gone: all.filter(({ target }) => held.has(target.record) && !listed.has(target.record)) }
}

/**
 * Records of targets that a newer package has no more because they were closed, as far as something is under way about them: what is said is said of the
 * record as it was packed.
 */
export function stillNeeded(before: FieldPackage, next: FieldPackage, underWay: ReadonlySet<string>): Feature[] {
  const packed = new Set(next.carriers.features.map((feature) => feature.id))
  const targets = new Set(next.targets.map((target) => target.record))
  return before.carriers.features.filter(({ id }) => targets.has(id) && underWay.has(id) && !packed.has(id))
}

function progressOf(
  target: Target,
  standing: Standing | undefined,
): Pick<Row, 'progress' | 'state' | 'reason' | 'reasonKey'> {
  const visit = standing?.visit
  const isUndone = target.visit && standing?.undone.includes(target.visit.id)
  const known = isUndone ? { progress: 'open' as const, reason: '' } : told(target)
  if (!standing || !visit) return { ...known, state: null }
  // What the server says of a visit holds unless the journal has another one.
  if (target.visit?.id === visit.id && !isDone(known)) return { ...known, state: visit.state }
  if (visit.state === 'returned') {
    const { reason: reasonKey, detail = '' } = visit.refusal
    return { progress: 'returned', state: standing.state, reason: detail, reasonKey }
  }
  return { progress: visit.outcome, state: standing.state, reason: '' }
}

/** How a target stands by the server's word. */
function told(target: Target): { progress: Progress; reason: string } {
  const reason = target.visit?.review?.reason ?? ''
  if (target.state === 'returned') return { progress: 'returned', reason }
  if (target.state === 'excepted' || target.state === 'replaced') return { progress: 'dropped', reason: '' }
  const counts = ['to_review', 'approved', 'quarantined'].includes(target.state)
  return { progress: counts ? (target.visit?.outcome ?? 'by_other') : 'open', reason: '' }
}

/** Values as they will be when all that this device has said is taken: the package's, and over them what the journal holds of the same record. */
export function values(feature: Feature | null, entries: Iterable<Entry>): Properties {
  const out: Record<string, Value> = { ...feature?.properties }
  const own = [...entries].filter((entry) => entry.kind === 'edit')
  for (const entry of own.sort((a, b) => a.counter - b.counter)) {
    const holds = entry.state !== 'withdrawn' && entry.state !== 'returned' && entry.state !== 'conflict'
    const version = entry.answer?.version ?? Infinity
    if (entry.kind === 'edit' && holds && version > (feature?.properties.version ?? 0))
      Object.assign(out, entry.payload.set)
  }
  return out as Properties
}

/** Says of an entry whether a package shows the same without it. */
export function seenIn(doc: FieldPackage | undefined): (entry: Entry) => boolean {
  const versions = new Map(doc?.carriers.features.map((feature) => [feature.id, feature.properties.version]))
  const targets = new Map(doc?.targets.map((target) => [target.record, target]))
  return (entry) => {
    const target = entry.campaign === doc?.campaign.id ? targets.get(entry.record) : undefined
    if (!target || entry.state === 'withdrawn') return true
    if (entry.kind === 'edit') return (entry.answer?.version ?? 0) <= (versions.get(entry.record) ?? 0)
    return entry.kind === 'photo' || (entry.kind === 'visit' && target.visit?.id === entry.id)
  }
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

export function tally(rows: readonly Row[]): Tally {
  const all = rows.filter((row) => !row.isGone)
  const visited = all.filter((row) => ['confirmed', 'changed', 'by_other'].includes(row.progress)).length
  return {
    all: all.length,
    visited,
    accounted: all.filter(isDone).length,
    returned: all.filter((row) => row.progress === 'returned').length,
  }
}
