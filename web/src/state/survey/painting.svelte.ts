/** Zones that are being painted: what is chosen, the draft, and the way back. Nothing is saved before `save`. */
import type { Polygon } from 'geojson'
import * as api from '../../api/survey'
import type { Tool } from '../../map/paint'
import { isInside } from './ground'
import { w } from './words.svelte'
import { work } from './work.svelte'
import { draftOf, freeKey, give, loadsOf, lockedCodes, zonesOf, type Load } from './zoning'
import { number } from '../words.svelte'

const NOTHING: ReadonlySet<string> = new Set()
/** Steps that can be undone. */
const MOST_STEPS = 100

class Painting {
  /** The campaign that the draft belongs to. */
  private of = ''
  draft = $state.raw<api.Zone[] | null>(null)
  private past = $state.raw<(api.Zone[] | null)[]>([])
  chosen = $state.raw(NOTHING)
  shape = $state.raw<Polygon | null>(null)
  tool = $state<Tool | null>(null)
  /** What was done last, said once. */
  told = $state('')

  private readonly saved = $derived(work.campaign ? draftOf(work.campaign) : [])
  readonly zones: readonly api.Zone[] = $derived(this.draft ?? this.saved)
  readonly dirty = $derived(this.draft !== null)
  readonly canUndo = $derived(this.past.length > 0)
  readonly can = $derived(work.leads && work.campaign?.state === 'running')
  readonly locked = $derived(work.campaign ? lockedCodes(work.campaign) : NOTHING)
  readonly belongs = $derived(zonesOf(this.zones, work.campaign?.targets ?? []))
  readonly loads: readonly Load[] = $derived(work.campaign ? loadsOf(this.zones, work.campaign) : [])

  /** A draft outlives a look at another page, but not at another campaign. */
  keepFor(id: string) {
    if (this.of !== id) this.forget()
    this.of = id
    this.tool = null
    this.told = ''
  }

  choose(codes: Iterable<string>, on: boolean) {
    const next = new Set(this.chosen)
    for (const code of codes)
      if (!on) next.delete(code)
      else if (!this.locked.has(code)) next.add(code)
    this.chosen = next
    this.told = ''
  }

  clear() {
    this.chosen = NOTHING
    this.shape = null
  }

  /** Chooses what lies inside of a shape; says how many. */
  encircle(shape: Polygon): number {
    const inside = (work.campaign?.targets ?? []).filter((one) => isInside(shape, one.point)).map((one) => one.code)
    this.chosen = NOTHING
    this.choose(inside, true)
    this.shape = this.chosen.size > 0 ? shape : null
    return this.chosen.size
  }

  /** Gives what is chosen to a zone; without a key to a new one. */
  assign(key: string | null, made: { name: string; team: string | null; day: string | null }) {
    const campaign = work.campaign
    if (!campaign || this.chosen.size === 0) return
    const found = this.zones.find((zone) => zone.key === key)
    const to = found ?? { key: freeKey(this.zones), ...made }
    const count = this.chosen.size
    this.step(give(this.zones, { to, codes: this.chosen, shape: this.shape }, campaign.targets))
    this.told = w('assigned', { n: number(count), zone: to.name })
    this.clear()
  }

  change(key: string, patch: Partial<api.Zone>) {
    this.step(this.zones.map((zone) => (zone.key === key ? { ...zone, ...patch } : zone)))
  }

  remove(key: string) {
    this.step(this.zones.filter((zone) => zone.key !== key))
  }

  /** Takes zones that were proposed; those signed off stay. */
  take(zones: api.Zone[]) {
    this.step(zones)
  }

  private step(zones: api.Zone[]) {
    this.past = [...this.past.slice(1 - MOST_STEPS), this.draft]
    this.draft = zones
  }

  undo() {
    this.draft = this.past.at(-1) ?? null
    this.past = this.past.slice(0, -1)
    this.told = ''
  }

  forget() {
    this.draft = null
    this.past = []
    this.told = ''
    this.tool = null
    this.clear()
  }

  async save() {
    const { draft } = this
    if (!draft) return
    const done = await work.change((one) => {
      // Targets may have been dropped meanwhile.
      const listed = new Set(one.targets.map((target) => target.code))
      const zones = draft.map((zone) => ({ ...zone, codes: (zone.codes ?? []).filter((code) => listed.has(code)) }))
      return api.rezone(one.id, zones)
    })
    if (!done) return
    this.forget()
    this.told = w('saved')
  }
}

export const painting = new Painting()
