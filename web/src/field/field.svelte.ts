/** What the field app's screens share. Everything shown is computed from the package and the journal. */
import * as api from '../api/field'
import type { CampaignLine } from '../api/field'
import { inventory } from '../state/inventory.svelte'
import { localDay } from '../state/day'
import { isKept, wakeWhenHidden } from './app'
import { byDay, current, daysOf, left, ranked } from './days'
import type { About, Draft, Entry, PhotoEntry, Wish } from './journal/entries'
import { adopt } from './journal/adopt'
import { again } from './journal/again'
import { Journal } from './journal/journal'
import { onlyHere } from './journal/only'
import { hasten } from './journal/hasten'
import { untilNext } from './journal/next'
import { patchPackage, putPackage, Superseded } from './journal/packages'
import { prune, TIDY_MS } from './journal/prune'
import { readStandings, type Standing } from './journal/standing'
import { accountOf, FieldStore, type KeptPackage } from './journal/store'
import { undo, type Said } from './journal/undo'
import { askViewer } from './login'
import { behind } from './route'
import { CHANNEL, PACKAGE } from './sync/lock'
import { Runner, type Phase } from './sync/runner'
import { senderOf } from './sync/sender'
import { Sync } from './sync/sync'
import { Touched } from './touched'
import { isDone, recordsOf, rows, seenIn, tally } from './view'
import { whereabouts } from './position.svelte'
import { f } from './words.svelte'

export type Trouble = 'insecure' | 'no-store' | null

class Field {
  phase = $state<'opening' | 'ready' | 'refused'>('opening')
  trouble = $state<Trouble>(null)
  /** Whether the browser has promised not to throw the data away. Without that nothing is recorded. */
  promise = $state<'asking' | 'given' | 'refused'>('asking')
  device = $state('')
  /** What the journal says of each target of the package. The journal itself stays on the disk. */
  private standings = $state.raw(new Map<string, Standing>())
  /** Entries of the target that is being looked at. */
  own = $state.raw<{ record: string; entries: Entry[] } | null>(null)
  /** How many entries wait to be sent. */
  unsent = $state(0)
  /** How much only this device has, unsent or not. */
  onlyHere = $state(0)
  /** Grows with each change of the journal, for screens that read pages of it. */
  changes = $state(0)
  drafts = $state.raw(new Map<string, Draft>())
  pack = $state.raw<KeptPackage | null>(null)
  offered = $state.raw<CampaignLine[] | null>(null)
  syncPhase = $state<Phase>('idle')
  /** Order made on the device after a skip: codes. */
  private route = $state.raw<string[]>([])
  /** What was saved last, so that it can be undone. */
  said = $state.raw<Said | null>(null)
  /** The day here and now. */
  today = $state(localDay(new Date()))
  updateReady = $state(false)
  workerReady = $state(false)

  readonly store = new FieldStore()
  readonly journal = new Journal(this.store)
  private readonly channel = new BroadcastChannel(CHANNEL)
  private runner: Runner | undefined
  private readonly touched = new Touched((records) => this.read(records))
  private tidiedAt = 0
  private looking = ''

  /** Whose the package is. What is recorded with it is of this account, also when its login has ended meanwhile. */
  readonly account = $derived(this.pack ? accountOf(this.pack) : '')
  /** Somebody else is logged in: nothing is recorded before they have a package of their own. */
  readonly isOthers = $derived(this.pack !== null && inventory.loggedIn && inventory.viewer.account !== this.account)
  readonly rows = $derived(this.pack ? rows(this.pack, this.standings, this.drafts.values()) : [])
  readonly tally = $derived(tally(this.rows))
  /** Targets by day, today's first, each day's in the order of the way. */
  readonly days = $derived(byDay(ranked(this.rows, this.route), daysOf(this.pack?.doc.zones ?? []), this.today))
  /** The day that is being worked at. */
  readonly day = $derived(current(this.days))
  readonly leftByDay = $derived(left(this.days))
  /** Targets that are left, in the order in which they come. */
  readonly left = $derived(this.leftByDay.flatMap((day) => day.rows))
  /** All targets, those left first. */
  readonly ordered = $derived([...this.left, ...this.days.flatMap((day) => day.rows.filter(isDone))])

  async open() {
    if (!isSecureContext || !crypto.subtle) return this.refuse('insecure')
    try {
      await this.store.open()
      this.device = await this.journal.device()
    } catch (error) {
      console.warn('the journal cannot be opened', error)
      return this.refuse('no-store')
    }
    void this.askForPromise()
    // What is saved while it reads, here or in another tab, is read after it.
    this.journal.onChange((records) => {
      void this.refresh(records)
      this.channel.postMessage(records)
    })
    this.channel.onmessage = ({ data }: MessageEvent<string[] | typeof PACKAGE>) =>
      void (data === PACKAGE ? this.reload() : this.refresh(data))
    await this.reload()
    this.phase = 'ready'
  }

  private refuse(trouble: Trouble) {
    this.trouble = trouble
    this.phase = 'refused'
  }

  private async reload() {
    const { drafts, packages, meta } = this.store
    this.drafts = new Map((await drafts.toArray()).map((draft) => [draft.record, draft]))
    this.pack = (await packages.toCollection().first()) ?? null
    if (this.pack) inventory.keep(this.pack.catalogue, this.pack.settings)
    await adopt(this.journal, this.account)
    this.route = String((await meta.get('route'))?.value ?? '')
      .split(' ')
      .filter(Boolean)
    await this.readAll()
  }

  /** Reads all that the package shows. Not beside `refresh`: what was saved meanwhile would be shown as it was before. */
  private async readAll() {
    const records = this.pack ? recordsOf(this.pack) : []
    const shown = new Set(records)
    this.standings = new Map([...this.standings].filter(([record]) => shown.has(record)))
    await (records.length > 0 ? this.refresh(records) : this.read([]))
  }

  /** Reads anew what the journal says of some records. */
  private refresh(records: string[]): Promise<void> {
    return this.touched.add(records)
  }

  private async read(records: string[]) {
    const read = await readStandings(this.store, this.pack?.id ?? '', records)
    this.standings = new Map([...this.standings, ...read])
    this.drafts = new Map((await this.store.drafts.toArray()).map((draft) => [draft.record, draft]))
    this.unsent = await this.journal.unsent()
    this.onlyHere = await onlyHere(this.store)
    if (this.own && records.includes(this.own.record)) await this.look(this.own.record)
    this.changes += 1
  }

  /** Saves entries; the screen has them when this returns, so that none says "all has arrived" of what was just saved. */
  async append(about: About, wishes: Wish[]) {
    await this.journal.append(about, wishes)
    await this.refresh([about.record])
  }

  /** Reads the entries of the target that is to be looked at. */
  async look(record: string) {
    this.looking = record
    const entries = await this.store.entries.where('record').equals(record).sortBy('counter')
    if (this.looking === record) this.own = { record, entries }
  }

  startSync(): () => void {
    const onPhase = (phase: Phase) => {
      this.syncPhase = phase
      this.today = localDay(new Date())
    }
    const look = async () => {
      if (inventory.viewer.account !== this.account) return
      await this.refreshTargets()
      await this.tidy()
    }
    const account = async () => senderOf(await askViewer())
    const next = (whose: string) => untilNext(this.journal, whose)
    this.runner = new Runner(new Sync(this.journal, api), account, onPhase, next, look)
    const stops = [this.runner.start(), wakeWhenHidden(() => this.unsent > 0)]
    return () => stops.forEach((stop) => stop())
  }

  /** Hands over at once, also what waits for a later try. */
  async retry() {
    await hasten(this.store)
    this.poke()
  }

  /** Hands in once more what was sent back without being kept. */
  async again(entry: Entry) {
    await again(this.journal, entry.id)
    await this.refresh([entry.record])
    this.poke()
  }

  /** Tries to send now. */
  poke() {
    this.runner?.poke()
  }

  saved() {
    this.runner?.saved()
  }

  /** Asks the browser to keep the data, where it has not promised it yet. */
  async askForPromise() {
    this.promise = (await isKept()) ? 'given' : 'refused'
  }

  /** Lets go of what is long done with, once in a while. What the package does not show yet stays. */
  async tidy() {
    if (Date.now() - this.tidiedAt < TIDY_MS) return
    this.tidiedAt = Date.now()
    await this.refresh(await prune(this.store, Date.now(), seenIn(this.pack?.doc)))
  }

  async offer() {
    this.offered = (await api.campaigns()).filter((one) => one.state === 'running')
  }

  /** Fetches a campaign's package and puts it on the device as a whole, or not at all; with `instead` only in place of that one. */
  async load(id: string, instead?: KeptPackage) {
    const account = inventory.viewer.account ?? ''
    const { doc: catalogue } = inventory.catalogue
    if (this.isOthers && this.drafts.size > 0) throw new Error(f('start.othersDrafts', { account: this.account }))
    const { doc, bytes } = await api.fieldPackage(id)
    if ((await askViewer()).account !== account) throw new Error(f('start.otherLogin'))
    const settings = $state.snapshot(inventory.settings)
    const fresh = { id, doc, bytes, fetchedAt: Date.now(), account, catalogue, settings }
    const pack = await putPackage(this.store, fresh, this.looking, instead)
    if (this.pack?.id !== id) this.route = []
    this.pack = pack
    this.channel.postMessage(PACKAGE)
    inventory.keep(catalogue, settings)
    await this.readAll()
  }

  /** Looks what reviewers have sent back and leaders have planned anew. A new target that is not packed yet makes the package be fetched anew. */
  async refreshTargets() {
    const { pack } = this
    if (!pack) return
    const { zones, targets } = await api.targets(pack.id)
    const packed = new Set(pack.doc.carriers.features.map((feature) => feature.id))
    // Of a record that was closed no package holds anything any more.
    try {
      if (targets.some((target) => !target.closed && !packed.has(target.record))) return await this.load(pack.id, pack)
      if (JSON.stringify([zones, targets]) === JSON.stringify([pack.doc.zones, pack.doc.targets])) return
      this.pack = await patchPackage(this.store, pack, { zones, targets })
      this.channel.postMessage(PACKAGE)
    } catch (error) {
      if (!(error instanceof Superseded)) throw error
      await this.reload()
    }
  }

  /** Puts a target behind the others of its day and makes their way anew from where the device is, without any server. */
  async skip(code: string) {
    const own = this.leftByDay.find((day) => day.rows.some((row) => row.target.code === code))
    this.route = behind(code, own?.rows ?? [], whereabouts.place, this.route)
    await this.store.meta.put({ key: 'route', value: this.route.join(' ') })
  }

  /** Photos of a visit as the disk has them, which may be a moment ahead of the screen. */
  async photosOf(visit: string): Promise<PhotoEntry[]> {
    const own = await this.store.entries.where('visit').equals(visit).toArray()
    await this.refresh(own.map((entry) => entry.record))
    return own.filter((entry): entry is PhotoEntry => entry.kind === 'photo' && entry.state !== 'withdrawn')
  }

  /** Takes back what was saved last. */
  async undoLast() {
    const { said } = this
    if (said?.what !== 'saved') return
    const what = await undo(this.journal, said.visit, crypto.randomUUID())
    await this.refresh([said.record])
    this.said = { ...said, what }
    this.saved()
    location.hash = `target/${said.code}`
  }

  async keepDraft(draft: Draft, seen: number): Promise<Draft> {
    const kept = await this.journal.saveDraft(draft, seen)
    this.drafts = new Map(this.drafts).set(kept.record, kept)
    return kept
  }

  async clear(): Promise<boolean> {
    const done = await this.journal.clear()
    if (!done) return false
    this.channel.postMessage(PACKAGE)
    await this.reload()
    return true
  }
}

export const field = new Field()
