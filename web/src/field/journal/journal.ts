/**
 * The journal is the store: what is not in it was not saved. Each function is one transaction; when it returns, the entries are on the disk.
 * Other tabs are told of which records something changed and read it anew. However long the journal is, a function reads a page of it at a time.
 */
import Dexie from 'dexie'
import {
  isUnsent,
  mayStep,
  type About,
  type Answer,
  type Draft,
  type Entry,
  type EntryState,
  type Hindrance,
  type Wish,
} from './entries'
import { finish, movePhotos, openVisit } from './drafts'
import { isNoRoom, joined, stamp, stateOf } from './making'
import { onlyHere } from './only'
import type { FieldStore } from './store'

/** No room for what was to be saved; nothing of it was. */
export class NoRoom extends Error {}

/** Time in which a visit can be withdrawn before it is sealed, milliseconds. */
export const GRACE_MS = 6_000

/** What goes in batches, in this order. */
export type SentKind = 'edit' | 'visit' | 'undo'

/** Of which records something has changed. */
type Listener = (records: string[]) => void

/** Entries looked at in one go where not all of them may be taken. */
const PAGE = 50

export class Journal {
  private readonly listeners = new Set<Listener>()

  constructor(
    readonly store: FieldStore,
    readonly now: () => number = Date.now,
  ) {}

  onChange(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The device's own id, made once. */
  async device(): Promise<string> {
    const { meta } = this.store
    return this.write([meta], async () => {
      const known = await meta.get('device')
      if (known) return String(known.value)
      const made = crypto.randomUUID()
      await meta.add({ key: 'device', value: made })
      return made
    })
  }

  /** Saves entries together, or none of them. The draft they came from is done with, as far as they say it. */
  async append(about: About, wishes: Wish[]): Promise<Entry[]> {
    const { entries, photos, drafts, meta } = this.store
    const device = await this.device()
    const made = await this.write([entries, photos, drafts, meta], async () => {
      const first = await this.reserve(wishes.length)
      const made = wishes.map((wish, at) => stamp(wish, about, { device, counter: first + at, savedAt: this.now() }))
      for (const wish of wishes)
        if (wish.kind === 'photo')
          await photos.put({ sha256: wish.payload.sha256, original: wish.original, thumb: wish.thumb })
      const visit = made.find((entry) => entry.kind === 'visit')
      if (visit) {
        visit.draft = await drafts.get(about.record)
        await finish(drafts, about.record, made)
      }
      await entries.bulkAdd(made)
      return made
    })
    this.tell(made)
    return made
  }

  /** The first of so many places in the journal; asked within a transaction over `meta`. */
  async reserve(count: number): Promise<number> {
    const last = Number((await this.store.meta.get('counter'))?.value ?? 0)
    await this.store.meta.put({ key: 'counter', value: last + count })
    return last + 1
  }

  /** The next batch of a kind to be sent, oldest first: what was sealed before and has no answer, else what is old enough to be sealed now. */
  async seal(kind: SentKind, account: string, limit: number): Promise<Entry[]> {
    const { entries } = this.store
    const batch = await this.write([entries], async () => {
      const now = this.now()
      const ready = (entry: Entry) => entry.account === account && (entry.notBefore ?? 0) <= now
      const waiting = await entries
        .where('[kind+state]')
        .anyOf([kind, 'sealed'], [kind, 'sent'])
        .filter(ready)
        .limit(limit)
        .sortBy('counter')
      if (waiting.length > 0) return waiting
      // A clock that was set back must not hold an entry for ever.
      const old = (entry: Entry) => Math.abs(now - entry.savedAt) >= GRACE_MS
      const mayGo = (entry: Entry) => ready(entry) && old(entry)
      const open = await this.first({ kind, state: 'saved', limit }, mayGo, (entry) => this.isAlone(entry))
      const id = crypto.randomUUID()
      const sealed = open.map((entry): Entry => {
        if (entry.kind === 'visit') return { ...entry, state: 'sealed', batch: id, draft: undefined }
        return { ...entry, state: 'sealed', batch: id }
      })
      await entries.bulkPut(sealed)
      return sealed
    })
    this.tell(batch)
    return batch
  }

  /** The first entries in a state that may be taken, oldest first: within one state the index is in the order of the counter. */
  private async first(
    { kind, state, limit }: { kind: Entry['kind']; state: EntryState; limit: number },
    mayTake: (entry: Entry) => boolean,
    isFree: (entry: Entry) => PromiseLike<boolean>,
  ): Promise<Entry[]> {
    const out: Entry[] = []
    for (let at = 0; ; at += PAGE) {
      const all = this.store.entries.where('[kind+state]').equals([kind, state])
      const page = await all.offset(at).limit(PAGE).toArray()
      for (const entry of page.filter(mayTake)) {
        if (kind === 'edit' || (await isFree(entry))) out.push(entry)
        if (out.length >= limit) return out
      }
      if (page.length < PAGE) return out
    }
  }

  /** Visits name edits, so they go after these have their answers, whatever these are; and a visit is taken back after it has its own. */
  private isAlone({ visit, kind }: Entry): PromiseLike<boolean> {
    const isBefore = (entry: Entry) => entry.kind === 'edit' || (kind === 'undo' && entry.kind === 'visit')
    const isWaiting = (entry: Entry) => isBefore(entry) && isUnsent(entry.state)
    const waiting = this.store.entries.where('visit').equals(visit).filter(isWaiting)
    return waiting.count().then((count) => count === 0)
  }

  /** Photos of visits that have their answer: first those that were begun. A photo of a draft stays until its visit is saved. */
  async photosToSend(account: string, limit: number): Promise<Entry[]> {
    const now = this.now()
    const isAnswer = (entry: Entry) => entry.kind === 'visit' && !isUnsent(entry.state) && entry.state !== 'withdrawn'
    const isAnswered = ({ visit }: Entry) =>
      this.store.entries
        .where('visit')
        .equals(visit)
        .filter(isAnswer)
        .count()
        .then((count) => count > 0)
    const mayGo = (photo: Entry) => photo.account === account && (photo.notBefore ?? 0) <= now
    const out: Entry[] = []
    for (const state of ['sent', 'sealed', 'saved'] as const)
      if (out.length < limit)
        out.push(...(await this.first({ kind: 'photo', state, limit: limit - out.length }, mayGo, isAnswered)))
    return out
  }

  /** One step of some entries. A step that the law of states does not know is not taken. */
  async step(ids: string[], to: EntryState, more: (entry: Entry) => Partial<Entry> = () => ({})): Promise<number> {
    const { entries } = this.store
    const changed = await this.write([entries], async () => {
      const found = await entries.where('id').anyOf(ids).toArray()
      const changed = found
        .filter((entry) => mayStep(entry.state, to))
        .map((entry) => ({ ...entry, ...more(entry), state: to }) as Entry)
      await entries.bulkPut(changed)
      return changed
    })
    this.tell(changed)
    return changed.length
  }

  /** Applies the server's answers one by one and says which entries they settled. An answer nobody asked for changes nothing. */
  async settle(answers: Map<string, Answer>): Promise<Set<string>> {
    const { entries } = this.store
    const changed = await this.write([entries], async () => {
      const found = await entries
        .where('id')
        .anyOf([...answers.keys()])
        .toArray()
      const changed: Entry[] = []
      for (const entry of found) {
        const answer = answers.get(entry.id)
        const to = answer && stateOf(answer)
        if (answer && to && mayStep(entry.state, to)) changed.push({ ...entry, answer, state: to } as Entry)
      }
      await entries.bulkPut(changed)
      return changed
    })
    this.tell(changed)
    return new Set(changed.map((entry) => entry.id))
  }

  /** This entry alone waits longer, and says why; the others go on. */
  async postpone(id: string, delayMs: (tries: number) => number, hindrance?: Hindrance) {
    await this.change(id, ({ tries = 0 }) => {
      return { tries: tries + 1, notBefore: this.now() + delayMs(tries + 1), hindrance }
    })
  }

  async received(id: string, bytes: number) {
    await this.change(id, ({ kind }) => (kind === 'photo' ? { received: bytes, hindrance: undefined } : {}))
  }

  /** Changes one entry, not its state. */
  async change(id: string, more: (entry: Entry) => Partial<Entry>) {
    const { entries } = this.store
    const changed = await this.write([entries], async () => {
      const entry = await entries.where('id').equals(id).first()
      if (entry) await entries.put({ ...entry, ...more(entry) } as Entry)
      return entry ? [entry] : []
    })
    this.tell(changed)
  }

  /** Puts a draft on the disk, and gives it as it lies there: joined with what another tab has put there after `seen`, the `at` of what it was made from. */
  async saveDraft(draft: Draft, seen = draft.at): Promise<Draft> {
    const { drafts, entries } = this.store
    const kept = await this.write([drafts, entries], async () => {
      const there = await drafts.get(draft.record)
      const both = there && there.at !== seen ? joined(there, draft) : draft
      const kept = { ...both, visit: await openVisit(this.store, [both.visit, there?.visit]) }
      if (kept.visit !== draft.visit) await movePhotos(this.store, draft.visit, kept.visit)
      await drafts.put(kept)
      return kept
    })
    this.tell([], [draft.record])
    return kept
  }

  /** How many entries wait to be sent. */
  async unsent(): Promise<number> {
    return this.store.entries.where('state').anyOf('saved', 'sealed', 'sent').count()
  }

  /** Forgets everything of a campaign's package and what the server has answered for; refused while anything is only here. */
  async clear(): Promise<boolean> {
    const { entries, photos, packages, drafts } = this.store
    return this.write([entries, photos, packages, drafts], async () => {
      if ((await onlyHere(this.store)) > 0) return false
      await Promise.all([entries.clear(), photos.clear(), packages.clear(), drafts.clear()])
      return true
    })
  }

  /** Lets go of originals that the server has verified. Thumbnails and entries stay. */
  async freeVerified(): Promise<number> {
    const { entries, photos } = this.store
    return this.write([entries, photos], async () => {
      const done = await entries.where('[kind+state]').equals(['photo', 'applied']).toArray()
      const hashes = done.flatMap((entry) => (entry.kind === 'photo' ? [entry.payload.sha256] : []))
      return photos.where('sha256').anyOf(hashes).modify({ original: null })
    })
  }

  /** One transaction; without room for it nothing of it is there. */
  async write<T>(tables: Dexie.Table[], run: () => Promise<T> | PromiseLike<T>): Promise<T> {
    try {
      return await this.store.transaction('rw', tables, () => run())
    } catch (error) {
      if (isNoRoom(error)) throw new NoRoom('no room on this device', { cause: error })
      throw error
    }
  }

  /** Says that something of these changed. */
  tell(changed: Entry[], more: string[] = []) {
    const records = [...new Set([...more, ...changed.map((entry) => entry.record)])]
    if (records.length > 0) for (const listener of this.listeners) listener(records)
  }
}
