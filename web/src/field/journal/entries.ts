/** What the journal holds, and the life of an entry. "Lost" is not a state. */
import type { FieldEdit, NoAccessReason, Position, Visit, VisitPhoto } from '../../api/field'
import type { Receipt } from '../../api/types'

/**
 * `saved`: in the journal, may still be withdrawn. `sealed`: part of a batch. `sent`: handed to the network, no answer yet; sent again until there is one.
 * The rest is what the server's receipt said, except `withdrawn`, which the surveyor took back before it was sealed, and `local`, which is never sent: an undo of an older app.
 */
export const STATES = [
  'saved',
  'sealed',
  'sent',
  'applied',
  'merged',
  'conflict',
  'proposed',
  'returned',
  'withdrawn',
  'local',
] as const
export type EntryState = (typeof STATES)[number]

/** Steps that an entry may take. Whatever was answered may only move by a decision of a person, or by an answer that says the same again. */
const STEPS: Record<EntryState, readonly EntryState[]> = {
  saved: ['sealed', 'withdrawn'],
  sealed: ['sent'],
  sent: ['sent', 'applied', 'merged', 'conflict', 'proposed', 'returned'],
  applied: ['returned'],
  merged: ['returned'],
  conflict: ['applied', 'merged', 'returned'],
  proposed: ['applied', 'merged', 'returned'],
  returned: [],
  withdrawn: [],
  local: [],
}

export function mayStep(from: EntryState, to: EntryState): boolean {
  return STEPS[from].includes(to)
}

/** States of what only this device has: the server has not answered for it. */
export const UNSENT: readonly EntryState[] = ['saved', 'sealed', 'sent']

export function isUnsent(state: EntryState): boolean {
  return UNSENT.includes(state)
}

/** Whether only this device has it, and nobody has let go of it: it is unsent, or the server did not keep it. */
export function isOnlyHere(entry: Entry): boolean {
  return isUnsent(entry.state) || (entry.answer?.kept === false && entry.letGoAt === undefined)
}

/** Whether a person has to decide. */
export function isOpen(state: EntryState): boolean {
  return state === 'conflict' || state === 'proposed'
}

export interface Answer {
  outcome: string
  reason?: string | undefined
  detail?: string | undefined
  fields?: string[] | undefined
  version?: number | undefined
  revision?: number | undefined
  /** The server does not have it: only this device does. */
  kept?: false | undefined
}

/** Why the server cannot take an entry now: the kind of its problem, and its words. */
export interface Hindrance {
  type: string
  detail: string
}

interface Common {
  /** Made here; the key of idempotence. */
  id: string
  /** Place in the journal; grows by one with each entry of this device. */
  counter: number
  campaign: string
  record: string
  code: string
  /** The visit it belongs to. */
  visit: string
  /** Who was logged in; nobody else's login sends it. */
  account: string
  /** By the device's clock, milliseconds. */
  savedAt: number
  state: EntryState
  batch?: string
  answer?: Answer
  /** Failed attempts of this entry alone, and the earliest time of the next. */
  tries?: number
  notBefore?: number
  hindrance?: Hindrance | undefined
  /** When the surveyor let go of what the server did not keep, milliseconds by the device's clock. */
  letGoAt?: number
}

export interface EditEntry extends Common {
  kind: 'edit'
  payload: FieldEdit
  /** Values before, for undo. */
  before: FieldEdit['set']
}

export interface VisitEntry extends Common {
  kind: 'visit'
  payload: Visit
  /** The answers that it was made of, until it is sealed: who takes it back goes on with them. */
  draft?: Draft | undefined
}

export interface PhotoEntry extends Common {
  kind: 'photo'
  payload: VisitPhoto
  /** Bytes that the server has. */
  received: number
}

/** Takes a visit back whose entries were sealed already: the target is open again, and the server is told. Older apps kept it to themselves. */
export interface UndoEntry extends Common {
  kind: 'undo'
  payload: { visit: string; device?: string }
}

export type Entry = EditEntry | VisitEntry | PhotoEntry | UndoEntry

/** What an entry will be; the journal stamps device and counter. */
export type Wish =
  | {
      kind: 'edit'
      id: string
      payload: Omit<FieldEdit, 'id' | 'field'> & { position?: Position }
      before: FieldEdit['set']
    }
  | { kind: 'visit'; id: string; payload: Omit<Visit, 'id' | 'device' | 'counter'> }
  | { kind: 'photo'; id: string; payload: VisitPhoto; original: Blob; thumb: Blob }

export interface About {
  campaign: string
  record: string
  code: string
  visit: string
  account: string
}

/** Answers to the questions of a target before they are an entry: kept so that a crash loses nothing. */
export interface Draft {
  record: string
  campaign: string
  code: string
  visit: string
  outcome: 'changed' | 'no_access' | 'not_found' | null
  answers: Record<string, Value>
  /** Attributes said to be still right. */
  same: string[]
  step: number
  reason: string
  /** The same, where it was chosen from the list. */
  reasonKey?: NoAccessReason | undefined
  retryOn: string
  /** Said that no day to try again can be named. */
  noRetry?: boolean
  note: string
  evidence: 'told' | 'seen' | 'measured' | 'document'
  at: number
}
type Value = FieldEdit['set'][string]

/** Whether something would be lost with a draft: that somebody has looked at the questions is nothing. */
export function hasContent({ answers, same, reason, retryOn, note }: Draft): boolean {
  return Object.keys(answers).length > 0 || same.length > 0 || [reason, retryOn, note].some((text) => text !== '')
}

export function receiptAnswer(receipt: Receipt): Answer {
  const { outcome, reason, detail, fields, version, revision, kept } = receipt
  return { outcome, reason, detail, fields, version, revision, ...(kept === false ? { kept } : {}) }
}
