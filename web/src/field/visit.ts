/** From what the surveyor says to the entries that say it: one edit per field, so that one which waits for a person never holds the others up. */
import type { Away, FieldEdit, FieldPackage, NoAccessReason, Position, VisitOutcome } from '../api/field'
import type { Attribute, Evidence, State, Transition, Value } from '../api/types'
import type { Catalogue } from '../catalogue/catalogue'
import { STATUS } from '../catalogue/core'
import type { Draft, PhotoEntry, Wish } from './journal/entries'
import type { Row } from './view'

export interface Question {
  attribute: Attribute
  required: boolean
  /** The state whose step needs it. */
  neededFor: string | null
}

type Known = Record<string, Value>
type Sent = Record<string, Exclude<Value, undefined>>

/** What is asked of a target, status first, then what the chosen state needs, then the form. */
export function questions(
  catalogue: Catalogue,
  form: FieldPackage['form'],
  collection: string,
  draft: Draft | null,
  now: Value,
): Question[] {
  const asked = form[collection] ?? []
  const required = new Map(asked.map((one) => [one.key, one.required]))
  const keys = asked.map((one) => one.key)
  const needed = stepOf(catalogue, collection, now, draft?.answers[STATUS])?.needs ?? []
  const first = keys.includes(STATUS) ? [STATUS] : []
  const all = [...new Set([...first, ...needed, ...keys])]
  return all.flatMap((key) => {
    const attribute = catalogue.attribute(collection, key)
    if (!attribute || attribute.derived || !attribute.editable) return []
    const neededFor = needed.includes(key) ? String(draft?.answers[STATUS] ?? '') : null
    return [{ attribute, required: neededFor !== null || (required.get(key) ?? false), neededFor }]
  })
}

/** Steps that the life-cycle offers from a state. */
export function steps(catalogue: Catalogue, collection: string, now: Value): Transition[] {
  return (catalogue.lifecycle(collection)?.transitions ?? []).filter((one) => one.from === now)
}

/** States that no step of this viewer leads to. Seen on site, one of them is a statement that waits for a person. */
export function otherStates(catalogue: Catalogue, collection: string, now: Value): State[] {
  const offered = new Set(steps(catalogue, collection, now).map((one) => one.to))
  return (catalogue.lifecycle(collection)?.states ?? []).filter((one) => one.code !== now && !offered.has(one.code))
}

function stepOf(catalogue: Catalogue, collection: string, now: Value, to: Value): Transition | undefined {
  return to === undefined || to === null ? undefined : steps(catalogue, collection, now).find((one) => one.to === to)
}

/** Questions that must have an answer and have none. */
export function missing(all: readonly Question[], draft: Draft, values: Known): Question[] {
  return all.filter(({ attribute: { key }, required, neededFor }) => {
    if (!required || draft.same.includes(key)) return false
    const given = key in draft.answers ? draft.answers[key] : neededFor === null ? null : values[key]
    return given === null || given === undefined
  })
}

export interface Said {
  outcome: VisitOutcome
  visit: string
  campaign: string
  draft: Draft | null
  photos: readonly PhotoEntry[]
  position: Position | null
  away: Away | null
  reason?: string
  reasonKey?: NoAccessReason | undefined
  retryOn?: string
  note?: string
  at: Date
}

/** The entries of a visit. `values` are those on the screen. */
export function wishes(said: Said, row: Row, values: Known, all: readonly Question[], catalogue: Catalogue): Wish[] {
  const about = subject(row)
  const edits = editsOf(said, about, values, all, catalogue)
  const payload = {
    campaign: said.campaign,
    record: about.record,
    base_version: about.base_version,
    outcome: said.outcome,
    observed_at: said.at.toISOString(),
    edits: edits.map((edit) => edit.id),
    photos: said.photos.map((photo) => photo.payload),
    ...(said.position ? { position: said.position } : {}),
    ...(said.away ? { away: said.away } : {}),
    ...(said.reason ? { reason: said.reason } : {}),
    ...(said.reasonKey ? { reason_key: said.reasonKey } : {}),
    ...(said.retryOn ? { retry_on: said.retryOn } : {}),
    ...(said.note ? { note: said.note } : {}),
  }
  return [...edits, { kind: 'visit', id: said.visit, payload }]
}

type Subject = Pick<FieldEdit, 'record' | 'collection' | 'base_version'>

/**
 * What the edits are about. Of a record that was closed before it was packed nothing but the target is known, and no version; what is said of it waits for a
 * person, who chooses among what follows it.
 */
function subject({ target, feature }: Row): Subject {
  return { record: target.record, collection: target.collection, base_version: feature?.properties.version ?? 0 }
}

function editsOf(said: Said, about: Subject, values: Known, all: readonly Question[], catalogue: Catalogue): Wish[] {
  const { outcome, draft } = said
  const make = (set: Sent, evidence: Evidence): Wish => ({
    kind: 'edit',
    id: crypto.randomUUID(),
    before: Object.fromEntries(Object.keys(set).map((key) => [key, values[key] ?? null])),
    payload: {
      ...about,
      set,
      observed_at: said.at.toISOString(),
      evidence,
      ...(said.position ? { position: said.position } : {}),
    },
  })
  const confirm = (keys: readonly string[]) =>
    keys.flatMap((key) => (known(values[key]) ? [make({ [key]: values[key] ?? null }, 'seen')] : []))
  if (outcome === 'confirmed') return confirm(all.map((one) => one.attribute.key))
  if (outcome !== 'changed' || !draft) return []
  const changes = draft.answers
  const step = stepOf(catalogue, about.collection, values[STATUS], changes[STATUS])
  // A step and the facts that it needs are one statement: neither holds without the other.
  const together = step ? [STATUS, ...step.needs.filter((key) => key in changes)] : []
  const single = Object.keys(changes).filter((key) => !together.includes(key))
  const pick = (keys: string[]): Sent => Object.fromEntries(keys.map((key) => [key, changes[key] ?? null]))
  const out = together.length > 0 ? [make(pick(together), draft.evidence)] : []
  for (const key of single) out.push(make(pick([key]), draft.evidence))
  return [...out, ...confirm(draft.same.filter((key) => !(key in changes)))]
}

function known(value: Value): boolean {
  return value !== null && value !== undefined && value !== ''
}
