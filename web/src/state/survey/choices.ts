/** What a person chose for each field of one item, and the request that follows from it. */
import type { DecisionRequest, InboxItem, Verdict } from '../../api/survey'
import type { Value } from '../../api/types'

/** What was sent, what stands in the inventory, or a value of the decider's own. */
export type Side = 'mine' | 'theirs' | 'own'

export interface Choice {
  side: Side
  /** The own value, in the base unit; not there until one was typed. */
  value?: Value
}

/** By key of the field. A field without a choice is taken as it was sent; of a contradiction, both numbers stand. */
export type Choices = Readonly<Record<string, Choice>>

export interface Answers {
  choices: Choices
  reason: string
  /** The record that follows a closed one. */
  follows: string
}

export const NO_ANSWERS: Answers = { choices: {}, reason: '', follows: '' }

/** Keys of the fields that can be chosen for. */
export function keysOf(item: InboxItem): string[] {
  return item.kind === 'edit' ? item.fields.map((one) => one.key) : item.own ? [item.own.key] : []
}

export function sideOf(item: InboxItem, choices: Choices, key: string): Side {
  return choices[key]?.side ?? (item.kind === 'edit' ? 'mine' : 'theirs')
}

/** All fields alike. */
export function all(item: InboxItem, side: Side): Choices {
  return Object.fromEntries(keysOf(item).map((key) => [key, { side }]))
}

/** Own values that are still missing. */
export function missing(item: InboxItem, choices: Choices): string[] {
  return keysOf(item).filter((key) => choices[key]?.side === 'own' && choices[key].value === undefined)
}

/** Whether anything would be written. */
export function writes(item: InboxItem, choices: Choices): boolean {
  return keysOf(item).length === 0 || keysOf(item).some((key) => sideOf(item, choices, key) !== 'theirs')
}

/** What deciding as chosen means: where nothing is written, what was sent is rejected. */
export function verdictOf(item: InboxItem, choices: Choices): Verdict {
  return item.kind === 'contradiction' || writes(item, choices) ? 'approved' : 'rejected'
}

/** Whether a reason has to be given. */
export function needsReason(item: InboxItem, verdict: Verdict): boolean {
  return item.kind === 'contradiction' || verdict !== 'approved'
}

/** Whether the decision can be sent as it stands. */
export function isReady(item: InboxItem, verdict: Verdict, answers: Answers): boolean {
  if (needsReason(item, verdict) && !answers.reason.trim()) return false
  if (verdict !== 'approved') return true
  return missing(item, answers.choices).length === 0 && !(item.closed && !answers.follows)
}

export function request(item: InboxItem, verdict: Verdict, answers: Answers): DecisionRequest {
  const { choices, reason } = answers
  const said = reason.trim() ? { reason: reason.trim() } : {}
  if (verdict !== 'approved') return { edit: item.edit, verdict, ...said }
  const next = item.successors.find((one) => one.record === answers.follows)
  const version = next?.version ?? item.version
  const keys = keysOf(item)
  const own = keys.filter((key) => sideOf(item, choices, key) === 'own')
  const keep = item.kind === 'edit' ? keys.filter((key) => sideOf(item, choices, key) === 'theirs') : []
  return {
    edit: item.edit,
    verdict,
    ...said,
    ...(own.length > 0 ? { set: Object.fromEntries(own.map((key) => [key, choices[key]?.value ?? null])) } : {}),
    ...(keep.length > 0 ? { keep } : {}),
    ...(next ? { record: next.record } : {}),
    ...(version === null ? {} : { expected_version: version }),
  }
}
