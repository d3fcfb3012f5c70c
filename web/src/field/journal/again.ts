/** What the server sent back without keeping it may be handed in once more: somebody asked for it. */
import type { Entry } from './entries'
import type { FieldStore } from './store'

/** Whether this can help: a photo is the same whenever it is sent, while an edit or visit that was refused would be refused again. */
export function mayGoAgain(entry: Entry): boolean {
  return entry.kind === 'photo' && entry.state === 'returned' && entry.answer?.kept === false
}

export async function again(store: FieldStore, id: string): Promise<void> {
  const found = store.entries.where('id').equals(id).filter(mayGoAgain)
  await found.modify((entry) => {
    entry.state = 'saved'
    delete entry.answer
    delete entry.notBefore
  })
}
