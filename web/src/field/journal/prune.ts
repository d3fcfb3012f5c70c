/**
 * Lets go of what is done with, so that the journal does not grow for ever. A visit goes with all its entries or not at all, and only when the server
 * has the last word on each of them and the package on this device shows it too; what is unsent, waits for a person, or was sent back lately stays, and so
 * does what only this device has.
 */
import { isOnlyHere, isOpen, type Entry } from './entries'
import type { FieldStore } from './store'

export const DAY_MS = 86_400_000

/** It is looked for at most this often, milliseconds. */
export const TIDY_MS = 3_600_000

export interface Rule {
  /** Answered entries older than this go. */
  keepMs: number
  /** Of the answered ones more than this many go too, the oldest first. */
  most: number
}
export const RULE: Rule = { keepMs: 14 * DAY_MS, most: 3_000 }

/** Read at a time. */
const PAGE = 200

/** Deletes what may go by the rule; `isSeen` says whether the screen shows the same without an entry. Gives back the records that have less now. */
export async function prune(
  store: FieldStore,
  now: number,
  isSeen: (entry: Entry) => boolean,
  rule: Rule = RULE,
): Promise<string[]> {
  let excess = (await store.entries.where('state').anyOf('applied', 'merged', 'withdrawn', 'local').count()) - rule.most
  const touched = new Set<string>()
  const looked = new Set<string>()
  for (let after = 0; ;) {
    const page = await store.entries.where('counter').above(after).limit(PAGE).toArray()
    const last = page.at(-1)
    if (!last) return [...touched]
    after = last.counter
    for (const entry of page) {
      const isOld = now - entry.savedAt >= rule.keepMs
      if (looked.has(entry.visit) || (!isOld && excess <= 0)) continue
      looked.add(entry.visit)
      const gone = await removeVisit(store, entry.visit, (one) => isSeen(one) && (isOld || one.state !== 'returned'))
      excess -= gone
      if (gone > 0) touched.add(entry.record)
    }
    // A visit's entries lie close together: to remember a few pages' worth is enough.
    if (looked.size > 10 * PAGE) looked.clear()
  }
}

/** In one transaction, so that nothing can be added to the visit meanwhile. */
function removeVisit(store: FieldStore, visit: string, mayGo: (entry: Entry) => boolean): Promise<number> {
  return store.transaction('rw', [store.entries, store.photos], async () => {
    const own = await store.entries.where('visit').equals(visit).toArray()
    const stays = (entry: Entry) => isOnlyHere(entry) || isOpen(entry.state)
    if (own.some((entry) => stays(entry) || !mayGo(entry))) return 0
    await store.entries.bulkDelete(own.map((entry) => entry.counter))
    const hashes = new Set(own.flatMap((entry) => (entry.kind === 'photo' ? [entry.payload.sha256] : [])))
    // The same picture may belong to another visit.
    if (hashes.size > 0)
      await store.entries
        .where('[kind+state]')
        .between(['photo', ''], ['photo', '\uffff'])
        .each((entry) => entry.kind === 'photo' && hashes.delete(entry.payload.sha256))
    await store.photos.bulkDelete([...hashes])
    return own.length
  })
}
