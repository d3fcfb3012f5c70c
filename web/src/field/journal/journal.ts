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
  type EditEntry,
  type Entry,
  type EntryState,
  type Hindrance,
  type Wish,
} from './entries'
import { letGo } from './drafts'
import { isChange, isNoRoom, reversed, stamp, stateOf, undoOf } from './making'
import type { FieldStore } from './store'

/** No room for what was to be saved; nothing of it was. */
export class NoRoom extends Error {}

/** Time in which a visit can be withdrawn before it is sealed, milliseconds. */
export const GRACE_MS = 6_000

/** Of which records something has changed. */
type Listener = (records: string[]) => void

/** Entries looked at in one go where not all of them may be taken. */
const PAGE = 50

export class Journal {
  private readonly listeners = new Set<Listener>()

  constructor(
    readonly store: FieldStore,
    private readonly now: () => number = Date.now,
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
      await entries.bulkAdd(made)
      if (made.some((entry) => entry.kind === 'visit')) await letGo(drafts, about.record, made)
      return made
    })
    this.tell(made)
    return made
  }

  private async reserve(count: number): Promise<number> {
    const last = Number((await this.store.meta.get('counter'))?.value ?? 0)
    await this.store.meta.put({ key: 'counter', value: last + count })
    return last + 1
  }

  /** Takes one entry back that was not sealed: a photo of a visit that is not saved yet. */
  async withdrawEntry(id: string): Promise<boolean> {
    return this.write([this.store.entries], async () => {
      const entry = await this.store.entries.where('id').equals(id).first()
      if (!entry || !mayStep(entry.state, 'withdrawn')) return null
      await this.store.entries.put({ ...entry, state: 'withdrawn' })
      return entry
    }).then((entry) => {
      if (entry) this.tell([entry])
      return entry !== null
    })
  }

  /**
   * Takes a visit back. Before it is sealed its entries are withdrawn, and its photos belong to the next visit of the record; after that the earlier
   * values are set again by new edits. Either way the target is open again.
   */
  async undo(visit: string, next: string): Promise<'withdrawn' | 'undone'> {
    const { entries, meta } = this.store
    const device = await this.device()
    const { changed, how } = await this.write([entries, meta], async () => {
      const all = await entries.where('visit').equals(visit).toArray()
      const document = all.find((entry) => entry.kind === 'visit')
      if (!document) return { changed: [], how: 'undone' as const }
      const own = all.filter((entry) => entry.kind !== 'photo')
      if (own.every((entry) => entry.state === 'saved')) {
        const changed = all.map((entry): Entry => {
          if (entry.kind === 'photo') return { ...entry, visit: next }
          return { ...entry, state: 'withdrawn' }
        })
        await entries.bulkPut(changed)
        return { changed, how: 'withdrawn' as const }
      }
      const changes = all.filter((entry): entry is EditEntry => entry.kind === 'edit' && isChange(entry))
      const first = await this.reserve(changes.length + 1)
      const made: Entry[] = changes.map((entry, at) =>
        reversed(entry, { device, counter: first + at, savedAt: this.now() }),
      )
      made.push(undoOf(document, first + changes.length, this.now()))
      await entries.bulkAdd(made)
      return { changed: made, how: 'undone' as const }
    })
    this.tell(changed)
    return how
  }

  /** The next batch of a kind to be sent, oldest first: what was sealed before and has no answer, else what is old enough to be sealed now. */
  async seal(kind: 'edit' | 'visit', account: string, limit: number): Promise<Entry[]> {
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
      const sealed = open.map((entry): Entry => ({ ...entry, state: 'sealed', batch: id }))
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

  /** Visits name edits, so they go after these have their answers, whatever these are. */
  private isAlone({ visit }: Entry): PromiseLike<boolean> {
    const isWaiting = (entry: Entry) => entry.kind === 'edit' && isUnsent(entry.state)
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

  private async change(id: string, more: (entry: Entry) => Partial<Entry>) {
    const { entries } = this.store
    const changed = await this.write([entries], async () => {
      const entry = await entries.where('id').equals(id).first()
      if (entry) await entries.put({ ...entry, ...more(entry) } as Entry)
      return entry ? [entry] : []
    })
    this.tell(changed)
  }

  async saveDraft(draft: Draft) {
    await this.write([this.store.drafts], () => this.store.drafts.put(draft))
  }

  /** How many entries only this device has. */
  async unsent(): Promise<number> {
    return this.store.entries.where('state').anyOf('saved', 'sealed', 'sent').count()
  }

  /** Forgets everything of a campaign's package and what the server has answered for; refused while anything is unsent. */
  async clear(): Promise<boolean> {
    const { entries, photos, packages, drafts } = this.store
    return this.write([entries, photos, packages, drafts], async () => {
      if ((await this.unsent()) > 0) return false
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

  private async write<T>(tables: Dexie.Table[], run: () => Promise<T> | PromiseLike<T>): Promise<T> {
    try {
      return await this.store.transaction('rw', tables, () => run())
    } catch (error) {
      if (isNoRoom(error)) throw new NoRoom('no room on this device', { cause: error })
      throw error
    }
  }

  private tell(changed: Entry[]) {
    const records = [...new Set(changed.map((entry) => entry.record))]
    if (records.length > 0) for (const listener of this.listeners) listener(records)
  }
}
