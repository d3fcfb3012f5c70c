/** What a surveyor takes back or lets go of: one thing at a time, and never what was sent. */
import { mayStep, type Entry } from './entries'
import type { Journal } from './journal'

/** Takes one entry back that was not sealed: a photo of a visit that is not saved yet. */
export async function withdrawEntry(journal: Journal, id: string): Promise<boolean> {
  return journal
    .write([journal.store.entries], async () => {
      const entry = await journal.store.entries.where('id').equals(id).first()
      if (!entry || !mayStep(entry.state, 'withdrawn')) return null
      const visit = await journal.store.entries.where('id').equals(entry.visit).first()
      if (visit && visit.state !== 'withdrawn') return null
      await journal.store.entries.put({ ...entry, state: 'withdrawn' })
      return entry
    })
    .then((entry) => {
      if (entry) journal.tell([entry])
      return entry !== null
    })
}

/** Lets go of an answer that is not saved; its photos stay, for the next answer. */
export async function discardDraft(journal: Journal, record: string) {
  const { drafts } = journal.store
  await journal.write([drafts], () => drafts.delete(record))
  journal.tell([], [record])
}

/** Lets go of an answer that is not saved, and of its photos. */
export async function dropDraft(journal: Journal, record: string) {
  const { entries, drafts } = journal.store
  const changed = await journal.write([entries, drafts], async () => {
    const draft = await drafts.get(record)
    if (!draft) return []
    const own = await entries.where('visit').equals(draft.visit).toArray()
    const changed = own
      .filter((entry) => mayStep(entry.state, 'withdrawn'))
      .map((entry): Entry => ({ ...entry, state: 'withdrawn' }))
    await entries.bulkPut(changed)
    await drafts.delete(record)
    return changed
  })
  journal.tell(changed, [record])
}

/** Lets go of an entry that the server did not keep: from now on it may be deleted. Others are never let go. */
export async function letGo(journal: Journal, id: string) {
  await journal.change(id, ({ answer }) => (answer?.kept === false ? { letGoAt: journal.now() } : {}))
}
