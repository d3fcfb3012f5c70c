/** One target being answered: the draft, which is on the disk after every step, and at its end the entries of the visit. */
import type { Away, VisitOutcome, WantedPhoto } from '../api/field'
import type { Value } from '../api/types'
import { STATUS } from '../catalogue/core'
import { inventory } from '../state/inventory.svelte'
import { field } from './field.svelte'
import { failure, inWords } from './failure.svelte'
import { distanceToShape } from './geo'
import type { About, Draft, Entry, PhotoEntry } from './journal/entries'
import { begun } from './journal/drafts'
import { discardDraft, withdrawEntry } from './journal/letgo'
import type { KeptPackage } from './journal/store'
import { take, USUAL } from './photos'
import { whereabouts } from './position.svelte'
import { values, type Row } from './view'
import { missing, questions, wishes } from './visit'

/** Nearer than this, or nearer than the GPS can tell, nobody is asked. */
const NEAR_M = 50
/** Slot of the photo that shows why nobody could get in. */
export const NO_ACCESS = 'no_access'

export type Mode = 'look' | 'changed' | 'no_access' | 'not_found'

export class Answering {
  mode = $state<Mode>('look')
  draft = $state.raw<Draft>()
  problem = $state('')
  /** How many things are being written: one that is done must not look as if all were. */
  private working = $state(0)
  readonly busy = $derived(this.working > 0)
  /** Metres to the target, when the surveyor is to say why that will do. */
  away = $state<{ metres: number; outcome: VisitOutcome } | null>(null)
  /** Photos that are wanted and not there, when that is to be decided. */
  lacking = $state.raw<{ slots: WantedPhoto[]; outcome: VisitOutcome } | null>(null)
  private awayReason: Omit<Away, 'metres'> | null = null
  private withoutPhotos = false

  readonly values = $derived.by(() => values(this.row().feature, this.own()))
  readonly questions = $derived.by(() =>
    questions(
      inventory.catalogue,
      this.pack().doc.form,
      this.row().target.collection,
      this.draft ?? null,
      this.values[STATUS],
    ),
  )
  private readonly slots = $derived.by(() => this.pack().doc.photos_wanted[this.row().target.collection] ?? [])
  /** Photos of a target that somebody could look at. */
  readonly wanted = $derived.by(() => this.slots.filter((slot) => slot.key !== NO_ACCESS))
  readonly noAccess = $derived.by(() =>
    this.slots.filter((slot) => slot.key === NO_ACCESS).map((slot) => ({ ...slot, required: true })),
  )
  /** Photos taken for the answer that is being given. */
  readonly photos = $derived.by(() => this.taken().filter((photo) => photo.visit === this.visit))
  /** Of a record that no package holds nobody can say what stands there, so nothing is needed. */
  readonly missing = $derived.by(() =>
    this.draft && this.row().feature ? missing(this.questions, this.draft, this.values) : [],
  )
  private fresh = $state(crypto.randomUUID() as string)
  readonly visit = $derived.by(() => this.draft?.visit ?? field.drafts.get(this.about.record)?.visit ?? this.fresh)
  /** What is recorded here is about this target, whatever card is open when it is written. */
  private readonly about: Omit<About, 'visit'>
  private isLeft = false
  /** A second tap while the first waits for the disk is none; the button stays as it is, and so does the focus. */
  private isFinishing = false

  constructor(
    private readonly row: () => Row,
    private readonly pack: () => KeptPackage,
  ) {
    const { record, code } = row().target
    this.about = { campaign: pack().id, record, code, account: field.account }
    this.draft = field.drafts.get(record)
    // A visit that was taken back has left its photos to the next.
    const waiting = this.taken().find((photo) => !this.isOfVisit(photo))
    if (!this.draft && waiting) this.fresh = waiting.visit
  }

  /** What the journal holds of this target. */
  private own(): readonly Entry[] {
    return field.own?.record === this.about.record ? field.own.entries : []
  }

  private taken(): PhotoEntry[] {
    const { campaign, account } = this.about
    const isMine = (one: Entry) => one.campaign === campaign && one.account === account
    return this.own().filter(
      (one): one is PhotoEntry => one.kind === 'photo' && one.state !== 'withdrawn' && isMine(one),
    )
  }

  private isOfVisit(photo: PhotoEntry): boolean {
    return this.own().some((entry) => entry.kind === 'visit' && entry.id === photo.visit)
  }

  /** A photo of a visit that is saved can no longer be taken out of it. */
  mayRemove(photo: PhotoEntry): boolean {
    return photo.state === 'saved' && !this.isOfVisit(photo)
  }

  /** The card was left: what is under way is still kept for its target, and nothing else happens. */
  leave() {
    this.isLeft = true
  }

  async begin(mode: Exclude<Mode, 'look'>) {
    await this.keep({ outcome: mode })
    this.mode = mode
  }

  /** Changes the draft and puts it on the disk. Meanwhile everything can be gone on with: what is saved is saved after it. */
  async keep(patch: Partial<Draft>) {
    await this.told(() => this.put(patch))
  }

  /** The draft as it is on the disk then, with the visit that it is for. */
  private async put(patch: Partial<Draft>): Promise<Draft> {
    // A card that was left must not say again what may have been changed since.
    const before = this.isLeft ? field.drafts.get(this.about.record) : this.draft
    const draft: Draft = { ...(before ?? begun({ ...this.about, visit: this.visit })), ...patch, at: Date.now() }
    this.draft = draft
    const kept = await field.keepDraft(draft, before?.at ?? 0)
    // What was said meanwhile is kept after it, and joined then.
    if (this.draft === draft) this.draft = kept
    return kept
  }

  /** Throws away what was begun; photos stay for the next answer. */
  async discard() {
    this.fresh = this.visit
    this.draft = undefined
    await this.guarded(() => discardDraft(field.journal, this.about.record))
  }

  async answer(key: string, value: Exclude<Value, undefined>) {
    const { [key]: _old, ...rest } = this.draft?.answers ?? {}
    const isSame = JSON.stringify(value) === JSON.stringify(this.values[key] ?? null)
    const same = (this.draft?.same ?? []).filter((one) => one !== key)
    await this.keep(isSame ? { answers: rest, same: [...same, key] } : { answers: { ...rest, [key]: value }, same })
  }

  async stillRight(key: string) {
    const { [key]: _old, ...rest } = this.draft?.answers ?? {}
    const same = (this.draft?.same ?? []).filter((one) => one !== key)
    await this.keep({ answers: rest, same: [...same, key], step: (this.draft?.step ?? 0) + 1 })
  }

  async photo(file: Blob, slot: string) {
    const limits = this.pack().doc.photo_limits ?? USUAL
    const position = whereabouts.now()
    const taken_at = new Date().toISOString()
    await this.guarded(async () => {
      const { sha256, media_type, original, thumb } = await take(file, limits)
      const seen = { sha256, bytes: original.size, media_type, slot, taken_at }
      const payload = { ...seen, ...(position ? { position } : {}) }
      // A draft holds on to the visit that the photo belongs to; it is another one where the visit was saved meanwhile.
      const { visit } = await this.put({})
      await field.append({ ...this.about, visit }, [
        { kind: 'photo', id: crypto.randomUUID(), payload, original, thumb },
      ])
      navigator.vibrate?.(20)
    })
    await this.goOn()
  }

  /** The last photo that was asked for is there: what was to be saved is saved. */
  private async goOn() {
    const { lacking } = this
    if (!lacking || this.problem || this.isLeft) return
    const taken = new Set((await field.photosOf(this.visit)).map((photo) => photo.payload.slot))
    if (!lacking.slots.every((slot) => taken.has(slot.key))) return
    this.lacking = null
    this.withoutPhotos = true
    await this.finish(lacking.outcome)
  }

  async removePhoto(photo: PhotoEntry) {
    await this.guarded(() => withdrawEntry(field.journal, photo.id))
  }

  /** Saves the visit, after what has to be asked first. */
  async finish(outcome: VisitOutcome) {
    if (this.busy || this.isFinishing || this.isLeft) return
    this.isFinishing = true
    try {
      const isSettled = await this.told(() => this.settle())
      if (isSettled && !this.isLeft) await this.ask(outcome)
    } finally {
      this.isFinishing = false
    }
  }

  private async ask(outcome: VisitOutcome) {
    const metres = this.metresAway()
    if (metres !== null && !this.awayReason) {
      this.away = { metres, outcome }
      return
    }
    const slots = this.lackingFor(outcome)
    if (slots.length > 0 && !this.withoutPhotos) {
      this.lacking = { slots, outcome }
      return
    }
    await this.save(outcome, metres)
  }

  /** What was typed a moment ago is on the disk, with what another tab has answered, and the photos of the visit are known. */
  private async settle() {
    const isOver = this.own().some((entry) => entry.id === this.visit)
    if (this.draft || isOver || field.drafts.has(this.about.record)) await this.put({})
    await field.photosOf(this.visit)
  }

  async finishFrom(reason: Omit<Away, 'metres'>) {
    const { outcome } = this.away ?? {}
    this.awayReason = reason
    this.away = null
    if (outcome) await this.finish(outcome)
  }

  async finishWithout() {
    const { outcome } = this.lacking ?? {}
    this.withoutPhotos = true
    this.lacking = null
    if (outcome) await this.finish(outcome)
  }

  /** Metres to the target, if they are more than the GPS may be wrong. */
  private metresAway(): number | null {
    const position = whereabouts.now()
    if (!position) return null
    const row = this.row()
    const metres = distanceToShape([position.lon, position.lat], row.feature?.geometry ?? null, row.point)
    return metres !== null && metres > Math.max(NEAR_M, position.accuracy_m) ? Math.round(metres) : null
  }

  private lackingFor(outcome: VisitOutcome): WantedPhoto[] {
    const has = (key: string) => this.photos.some((photo) => photo.payload.slot === key)
    if (outcome === 'confirmed' || outcome === 'changed')
      return this.wanted.filter((one) => one.required && !has(one.key))
    return outcome === 'no_access' ? this.noAccess.filter((one) => !has(one.key)) : []
  }

  private async save(outcome: VisitOutcome, metres: number | null) {
    const row = this.row()
    const { draft } = this
    const note = draft?.note.trim()
    const said = {
      outcome,
      visit: this.visit,
      campaign: this.about.campaign,
      draft: draft ?? null,
      photos: this.photos,
      position: whereabouts.now(),
      away: metres !== null && this.awayReason ? { metres, ...this.awayReason } : null,
      ...(outcome === 'no_access' || outcome === 'not_found' ? { reason: draft?.reason ?? '' } : {}),
      ...(outcome === 'no_access' ? { reasonKey: draft?.reasonKey } : {}),
      ...(outcome === 'no_access' && draft?.retryOn ? { retryOn: draft.retryOn } : {}),
      ...(note ? { note } : {}),
      at: new Date(),
    }
    const all = wishes(said, row, this.values, this.questions, inventory.catalogue)
    const next = field.left.find((one) => one.target.record !== row.target.record)
    const saved = await this.guarded(() => field.append({ ...this.about, visit: said.visit }, all))
    if (!saved) return
    field.said = { what: 'saved', code: row.target.code, visit: said.visit, record: row.target.record }
    field.saved()
    navigator.vibrate?.([30, 40, 30])
    if (this.isLeft) return
    location.hash = next ? `target/${encodeURIComponent(next.target.code)}` : 'list'
  }

  /** As `told`, and nothing else is saved meanwhile. */
  private async guarded(work: () => Promise<unknown>): Promise<boolean> {
    this.working += 1
    const done = await this.told(work)
    this.working -= 1
    return done
  }

  /** Says in words what could not be saved. What it says was not saved is not in the journal. */
  private async told(work: () => Promise<unknown>): Promise<boolean> {
    this.problem = ''
    try {
      await work()
      return true
    } catch (error) {
      if (this.isLeft) failure.say(`${this.about.code}: ${inWords(error)}`)
      else this.problem = inWords(error)
      return false
    }
  }
}
