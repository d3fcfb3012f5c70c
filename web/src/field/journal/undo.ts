/** Taking a visit back. */
import { isOpen, type EditEntry, type Entry, type VisitEntry } from './entries'
import type { Journal } from './journal'
import { isChange, joined, reversed, undoOf } from './making'

/** What was last done with a visit, as it is said to the surveyor. */
export interface Said {
  what: 'saved' | 'withdrawn' | 'undone'
  code: string
  visit: string
  record: string
}

/**
 * Takes a visit back. Before it is sealed its entries are withdrawn, its answers are a draft again, and its photos belong to the next visit of the
 * record; after that the server is told, and the earlier values are set again by new edits. Either way the target is open again.
 */
export async function undo(journal: Journal, visit: string, next: string): Promise<'withdrawn' | 'undone'> {
  const { entries, drafts, meta } = journal.store
  const device = await journal.device()
  const { changed, how } = await journal.write([entries, drafts, meta], async () => {
    const all = await entries.where('visit').equals(visit).toArray()
    const document = all.find((entry): entry is VisitEntry => entry.kind === 'visit')
    if (!document) return { changed: [], how: 'undone' as const }
    const own = all.filter((entry) => entry.kind !== 'photo')
    if (own.every((entry) => entry.state === 'saved')) {
      const { draft, record } = document
      const there = await drafts.get(record)
      const home = there?.visit ?? next
      const changed = all.map((entry): Entry => {
        if (entry.kind === 'photo') return { ...entry, visit: home }
        return { ...entry, state: 'withdrawn' }
      })
      await entries.bulkPut(changed)
      // What was answered since goes before.
      if (draft) await drafts.put({ ...(there ? joined(draft, there) : draft), visit: home, at: journal.now() })
      return { changed, how: 'withdrawn' as const }
    }
    // What waits for a person was not written; the server withdraws it with the visit.
    const mayStand = (entry: EditEntry) => isChange(entry) && !isOpen(entry.state) && entry.state !== 'returned'
    const changes = all.filter((entry): entry is EditEntry => entry.kind === 'edit' && mayStand(entry))
    const first = await journal.reserve(changes.length + 1)
    const stamp = (at: number) => ({ device, counter: first + at, savedAt: journal.now() })
    const made: Entry[] = changes.map((entry, at) => reversed(entry, stamp(at)))
    made.push(undoOf(document, stamp(changes.length)))
    await entries.bulkAdd(made)
    return { changed: made, how: 'undone' as const }
  })
  journal.tell(changed)
  return how
}
