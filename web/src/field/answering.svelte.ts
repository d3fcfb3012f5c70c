/** One target being answered: the draft, which is on the disk after every step, and at its end the entries of the visit. */
import type { Away, VisitOutcome, WantedPhoto } from '../api/field'
import type { Value } from '../api/types'
import { STATUS } from '../catalogue/core'
import { inventory } from '../state/inventory.svelte'
import { field } from './field.svelte'
import { distanceToShape } from './geo'
import type { About, Draft, Entry, PhotoEntry } from './journal/entries'
import { discardDraft, withdrawEntry } from './journal/letgo'
import { NoRoom } from './journal/journal'
import type { KeptPackage } from './journal/store'
import { BadPhoto, take, USUAL } from './photos'
import { whereabouts } from './position.svelte'
import { values, type Row } from './view'
import { missing, questions, wishes } from './visit'
import { f } from './words.svelte'

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
  readonly visit = $derived.by(() => this.draft?.visit ?? this.fresh)

  constructor(
    private readonly row: () => Row,
    private readonly pack: () => KeptPackage,
  ) {
    this.draft = field.drafts.get(row().target.record)
    // A visit that was taken back has left its photos to the next.
    const waiting = this.taken().find((photo) => !this.isOfVisit(photo))
    if (!this.draft && waiting) this.fresh = waiting.visit
  }

  /** What the journal holds of this target. */
  private own(): readonly Entry[] {
    return field.own?.record === this.row().target.record ? field.own.entries : []
  }

  private taken(): PhotoEntry[] {
    const { id } = this.pack()
    const isMine = (one: Entry) => one.campaign === id && one.account === field.account
    return this.own().filter(
      (one): one is PhotoEntry => one.kind === 'photo' && one.state !== 'withdrawn' && isMine(one),
    )
  }

  private isOfVisit(photo: PhotoEntry): boolean {
    return this.own().some((entry) => entry.kind === 'visit' && entry.id === photo.visit)
  }

  private about(): About {
    const { target } = this.row()
    return {
      campaign: this.pack().id,
      record: target.record,
      code: target.code,
      visit: this.visit,
      account: field.account,
    }
  }

  async begin(mode: Exclude<Mode, 'look'>) {
    await this.keep({ outcome: mode })
    this.mode = mode
  }

  /** Changes the draft and puts it on the disk. */
  async keep(patch: Partial<Draft>) {
    const { target } = this.row()
    const empty: Draft = {
      record: target.record,
      campaign: this.pack().id,
      code: target.code,
      visit: this.visit,
      outcome: null,
      answers: {},
      same: [],
      step: 0,
      reason: '',
      retryOn: '',
      note: '',
      evidence: 'seen',
      at: Date.now(),
    }
    const seen = this.draft?.at ?? 0
    const draft: Draft = { ...(this.draft ?? empty), ...patch, at: Date.now() }
    this.draft = draft
    await this.guarded(async () => {
      const kept = await field.keepDraft(draft, seen)
      // What was said meanwhile is kept after it, and joined then.
      if (this.draft === draft) this.draft = kept
    })
  }

  /** Throws away what was begun; photos stay for the next answer. */
  async discard() {
    const { record } = this.row().target
    this.fresh = this.visit
    this.draft = undefined
    await this.guarded(() => discardDraft(field.journal, record))
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
    await this.guarded(async () => {
      const taken = await take(file, this.pack().doc.photo_limits ?? USUAL)
      const position = whereabouts.now()
      const { sha256, media_type, original, thumb } = taken
      const payload = {
        sha256,
        bytes: original.size,
        media_type,
        slot,
        taken_at: new Date().toISOString(),
        ...(position ? { position } : {}),
      }
      // A draft holds on to the visit that the photo belongs to.
      if (!this.draft) await this.keep({})
      await field.append(this.about(), [{ kind: 'photo', id: crypto.randomUUID(), payload, original, thumb }])
      navigator.vibrate?.(20)
    })
    await this.goOn()
  }

  /** The last photo that was asked for is there: what was to be saved is saved. */
  private async goOn() {
    const { lacking } = this
    if (!lacking || this.problem) return
    const taken = new Set((await field.photosOf(this.visit)).map((photo) => photo.payload.slot))
    if (!lacking.slots.every((slot) => taken.has(slot.key))) return
    this.lacking = null
    this.withoutPhotos = true
    await this.finish(lacking.outcome)
  }

  async removePhoto(photo: PhotoEntry) {
    await withdrawEntry(field.journal, photo.id)
  }

  /** Saves the visit, after what has to be asked first. */
  async finish(outcome: VisitOutcome) {
    if (this.busy) return
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
    // Another tab may have answered more of it.
    if (field.drafts.has(row.target.record)) await this.keep({})
    const { draft } = this
    const said = {
      outcome,
      visit: this.visit,
      campaign: this.pack().id,
      draft: draft ?? null,
      photos: this.photos,
      position: whereabouts.now(),
      away: metres !== null && this.awayReason ? { metres, ...this.awayReason } : null,
      ...(outcome === 'no_access' || outcome === 'not_found' ? { reason: draft?.reason ?? '' } : {}),
      ...(outcome === 'no_access' ? { reasonKey: draft?.reasonKey } : {}),
      ...(outcome === 'no_access' && draft?.retryOn ? { retryOn: draft.retryOn } : {}),
      ...(draft?.note ? { note: draft.note } : {}),
      at: new Date(),
    }
    const all = wishes(said, row, this.values, this.questions, inventory.catalogue)
    const next = field.left.find((one) => one.target.record !== row.target.record)
    const saved = await this.guarded(() => field.append(this.about(), all))
    if (!saved) return
    field.said = { what: 'saved', code: row.target.code, visit: said.visit, record: row.target.record }
    field.saved()
    navigator.vibrate?.([30, 40, 30])
    location.hash = next ? `target/${encodeURIComponent(next.target.code)}` : 'list'
  }

  /** Says in words what could not be saved. What it says was not saved is not in the journal. */
  private async guarded(work: () => Promise<unknown>): Promise<boolean> {
    this.working += 1
    this.problem = ''
    try {
      await work()
      return true
    } catch (error) {
      if (error instanceof NoRoom) this.problem = f('notSaved.room')
      else if (error instanceof BadPhoto) this.problem = f(`photo.${error.why}`, { most: error.most })
      else this.problem = f('notSaved.other', { reason: error instanceof Error ? error.message : String(error) })
      return false
    } finally {
      this.working -= 1
    }
  }
}
