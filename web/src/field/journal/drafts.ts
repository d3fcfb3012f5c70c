/** When a draft is done with. */
import type { Table } from 'dexie'
import type { Draft, Entry } from './entries'

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
