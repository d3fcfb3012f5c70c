/** A page of the journal, newest first. */
import type { Entry, EntryState } from './entries'
import type { FieldStore } from './store'

export interface Page {
  /** In all, also those that are not on the page. */
  count: number
  entries: Entry[]
  /** Photos of an answer that is not saved yet: their counters. */
  drafted: ReadonlySet<number>
}

export async function newest(store: FieldStore, states: readonly EntryState[], limit: number): Promise<Page> {
  const count = await store.entries
    .where('state')
    .anyOf([...states])
    .count()
  const found = await Promise.all(
    states.map((state) => store.entries.where('state').equals(state).reverse().limit(limit).toArray()),
  )
  const entries = found
    .flat()
    .sort((a, b) => b.counter - a.counter)
    .slice(0, limit)
  const photos = entries.filter((entry) => entry.kind === 'photo' && entry.state === 'saved')
  const visits = await store.entries
    .where('id')
    .anyOf(photos.map((photo) => photo.visit))
    .filter((entry) => entry.state !== 'withdrawn')
    .toArray()
  const answered = new Set(visits.map((visit) => visit.id))
  const drafted = new Set(photos.filter((photo) => !answered.has(photo.visit)).map((photo) => photo.counter))
  return { count, entries, drafted }
}
