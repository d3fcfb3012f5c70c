/** When a draft is done with, and which visit it is for. */
import type { Table } from 'dexie'
import type { About, Draft, Entry } from './entries'
import type { FieldStore } from './store'

/** A draft in which nothing is said yet. */
export function begun({ record, campaign, code, visit }: About): Draft {
  return {
    record,
    campaign,
    code,
    visit,
    outcome: null,
    answers: {},
    same: [],
    step: 0,
    reason: '',
    retryOn: '',
    note: '',
    evidence: 'seen',
    at: Date.now(),
  }
}

/** Deletes a record's draft once the entries of a visit are saved, in their transaction. Answers that none of them gives stay. */
export async function finish(drafts: Table<Draft, string>, record: string, made: readonly Entry[]) {
  const draft = await drafts.get(record)
  const left = draft && leftOf(draft, made)
  await (left ? drafts.put(left) : drafts.delete(record))
}

/** Answers of a draft that no edit gives, for a visit of their own; `null` when there are none. */
function leftOf(draft: Draft, made: readonly Entry[]): Draft | null {
  const isSaid = ([key, value]: [string, unknown]) =>
    made.some((one) => one.kind === 'edit' && JSON.stringify(one.payload.set[key]) === JSON.stringify(value))
  const left = Object.entries(draft.answers).filter((answer) => !isSaid(answer))
  if (left.length === 0) return null
  return { ...draft, visit: crypto.randomUUID(), outcome: 'changed', answers: Object.fromEntries(left) }
}

/** The first of these visits that is not saved, also not by another tab; else a new one: what is said after a visit is of a visit of its own. */
export async function openVisit({ entries }: FieldStore, visits: readonly (string | undefined)[]): Promise<string> {
  for (const visit of visits) if (visit && (await entries.where('id').equals(visit).count()) === 0) return visit
  return crypto.randomUUID()
}

/** Gives the photos of an answer to another visit. Those that a saved visit names stay with it: without it they would wait for ever. */
export async function movePhotos({ entries }: FieldStore, from: string, to: string) {
  const document = await entries.where('id').equals(from).first()
  const stands = document?.kind === 'visit' && document.state !== 'withdrawn'
  const named = new Set(stands ? document.payload.photos.map((photo) => photo.sha256) : [])
  await entries
    .where('visit')
    .equals(from)
    .filter((entry) => entry.kind === 'photo' && entry.state === 'saved' && !named.has(entry.payload.sha256))
    .modify({ visit: to })
}
