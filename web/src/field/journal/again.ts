/** What the server sent back without keeping it may be handed in once more: somebody asked for it. */
import type { Entry } from './entries'
import type { Journal } from './journal'

/** Whether this can help: a photo is the same whenever it is sent, while an edit or visit that was refused would be refused again. */
export function mayGoAgain(entry: Entry): boolean {
  return entry.kind === 'photo' && entry.state === 'returned' && entry.answer?.kept === false
}

export async function again(journal: Journal, id: string): Promise<void> {
  const { entries } = journal.store
  const changed = await journal.write([entries], async () => {
    const found = await entries.where('id').equals(id).filter(mayGoAgain).toArray()
    const changed = found.map((entry): Entry => ({ ...entry, state: 'saved' }))
    for (const entry of changed) {
      delete entry.answer
      delete entry.notBefore
      // Refused once more, it is let go of only by who is asked once more.
      delete entry.letGoAt
    }
    await entries.bulkPut(changed)
    return changed
  })
  journal.tell(changed)
}
