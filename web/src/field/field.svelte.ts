/** What the field app's screens share. Everything shown is computed from the package and the journal. */
import * as api from '../api/field'
import type { CampaignLine } from '../api/field'
import { inventory } from '../state/inventory.svelte'
import { isUnsent, type Draft, type Entry, type PhotoEntry } from './journal/entries'
import { Journal } from './journal/journal'
import { FieldStore, type KeptPackage } from './journal/store'
import { order } from './route'
import { Runner, type Phase } from './sync/runner'
import { Sync } from './sync/sync'
import { isDone, rows, tally } from './view'
import { whereabouts } from './position.svelte'

export type Trouble = 'insecure' | 'no-store' | null

class Field {
  phase = $state<'opening' | 'ready' | 'refused'>('opening')
  trouble = $state<Trouble>(null)
  /** Whether the browser has promised not to throw the data away. */
  persistent = $state(false)
  device = $state('')
  entries = $state.raw(new Map<number, Entry>())
  drafts = $state.raw(new Map<string, Draft>())
  pack = $state.raw<KeptPackage | null>(null)
  offered = $state.raw<CampaignLine[] | null>(null)
  syncPhase = $state<Phase>('idle')
  /** Order made on the device after a skip: codes. */
  private route = $state.raw<string[]>([])
  /** What was saved last, so that it can be undone. */
  said = $state.raw<{ what: 'saved' | 'withdrawn' | 'undone'; code: string; visit: string; record: string } | null>(
    null,
  )
  updateReady = $state(false)
  workerReady = $state(false)

  readonly store = new FieldStore()
  readonly journal = new Journal(this.store)
  private readonly channel = new BroadcastChannel('zaiti-field')
  private runner: Runner | undefined

  readonly list = $derived([...this.entries.values()])
  readonly unsent = $derived(this.list.filter((entry) => isUnsent(entry.state)).length)
  readonly rows = $derived(this.pack ? rows(this.pack.doc, this.list, this.drafts.values()) : [])
  readonly tally = $derived(tally(this.rows))
  /** Targets in the order of the day: those left first. */
  readonly ordered = $derived.by(() => {
    const places = new Map(this.route.map((code, at) => [code, at]))
    const rank = (code: string, at: number) => places.get(code) ?? at
    const all = this.rows.map((row, at) => ({ row, rank: rank(row.target.code, at) }))
    return all.sort((a, b) => Number(isDone(a.row)) - Number(isDone(b.row)) || a.rank - b.rank).map(({ row }) => row)
  })
  readonly left = $derived(this.ordered.filter((row) => !isDone(row)))

  async open() {
    if (!isSecureContext || !crypto.subtle) return this.refuse('insecure')
    try {
      await this.store.open()
      this.device = await this.journal.device()
    } catch (error) {
      console.warn('the journal cannot be opened', error)
      return this.refuse('no-store')
    }
    this.persistent = (await navigator.storage?.persisted?.()) ?? false
    await this.reload()
    this.journal.onChange((counters) => {
      void this.refresh(counters)
      this.channel.postMessage(counters)
    })
    this.channel.onmessage = (event: MessageEvent<number[]>) => void this.refresh(event.data)
    this.phase = 'ready'
  }

  private refuse(trouble: Trouble) {
    this.trouble = trouble
    this.phase = 'refused'
  }

  private async reload() {
    const { entries, drafts, packages, meta } = this.store
    this.entries = new Map((await entries.toArray()).map((entry) => [entry.counter, entry]))
    this.drafts = new Map((await drafts.toArray()).map((draft) => [draft.record, draft]))
    this.pack = (await packages.toCollection().first()) ?? null
    if (this.pack) inventory.keep(this.pack.catalogue, this.pack.settings)
    this.route = String((await meta.get('route'))?.value ?? '')
      .split(' ')
      .filter(Boolean)
  }

  private async refresh(counters: number[]) {
    const found = await this.store.entries.bulkGet(counters)
    const next = new Map(this.entries)
    for (const entry of found) if (entry) next.set(entry.counter, entry)
    this.entries = next
    this.drafts = new Map((await this.store.drafts.toArray()).map((draft) => [draft.record, draft]))
  }

  startSync(): () => void {
    const sync = new Sync(this.journal, api)
    const account = () => inventory.viewer.account ?? null
    const onPhase = (phase: Phase) => {
      this.syncPhase = phase
      // What people decided meanwhile; without a link it is looked for again after the next round.
      if (phase === 'idle') void this.refreshTargets().catch(() => undefined)
    }
    this.runner = new Runner(sync, account, onPhase, () => this.journal.unsent())
    return this.runner.start()
  }

  /** Tries to send now. */
  poke() {
    this.runner?.poke()
  }

  saved() {
    this.runner?.saved()
  }

  async makePersistent(): Promise<boolean> {
    this.persistent = (await navigator.storage?.persist?.().catch(() => false)) ?? false
    return this.persistent
  }

  async offer() {
    this.offered = (await api.campaigns()).filter((one) => one.state === 'running')
  }

  /** Fetches a campaign's package and puts it on the device as a whole, or not at all. */
  async load(id: string) {
    const { doc, bytes } = await api.fieldPackage(id)
    const { doc: catalogue } = inventory.catalogue
    const pack = { id, doc, bytes, fetchedAt: Date.now(), catalogue, settings: $state.snapshot(inventory.settings) }
    await this.store.transaction('rw', [this.store.packages, this.store.meta], async () => {
      await this.store.packages.clear()
      await this.store.packages.put(pack)
      await this.store.meta.delete('route')
    })
    this.route = []
    this.pack = pack
  }

  /** Looks what reviewers have sent back. A new target that is not packed yet makes the package be fetched anew. */
  async refreshTargets() {
    const { pack } = this
    if (!pack) return
    const found = await api.targets(pack.id)
    const packed = new Set(pack.doc.carriers.features.map((feature) => feature.id))
    if (found.some((target) => !packed.has(target.record))) return this.load(pack.id)
    const next = { ...pack, doc: { ...pack.doc, targets: found } }
    await this.store.packages.put(next)
    this.pack = next
  }

  /** Puts a target behind the others and makes the way anew from where the device is, without any server. */
  async skip(code: string) {
    const open = this.left.filter((row) => row.target.code !== code)
    const start = whereabouts.place ?? this.rows.find((row) => row.target.code === code)?.point
    const placed = open.filter((row) => row.point)
    const way = start
      ? order(
          start,
          placed.map((row) => row.point ?? start),
        ).flatMap((at) => placed[at] ?? [])
      : open
    const rest = open.filter((row) => !row.point)
    this.route = [...way, ...rest].map((row) => row.target.code).concat(code)
    await this.store.meta.put({ key: 'route', value: this.route.join(' ') })
  }

  /** Photos of a visit as the disk has them, which may be a moment ahead of the screen. */
  async photosOf(visit: string): Promise<PhotoEntry[]> {
    const own = await this.store.entries.where('visit').equals(visit).toArray()
    await this.refresh(own.map((entry) => entry.counter))
    return own.filter((entry): entry is PhotoEntry => entry.kind === 'photo' && entry.state !== 'withdrawn')
  }

  /** Takes back what was saved last. */
  async undoLast() {
    const { said } = this
    if (said?.what !== 'saved') return
    const what = await this.journal.undo(said.visit, crypto.randomUUID())
    this.said = { ...said, what }
    this.saved()
    location.hash = `target/${said.code}`
  }

  async keepDraft(draft: Draft) {
    await this.journal.saveDraft(draft)
    this.drafts = new Map(this.drafts).set(draft.record, draft)
  }

  async clear(): Promise<boolean> {
    const done = await this.journal.clear()
    if (done) await this.reload()
    return done
  }
}

export const field = new Field()
