/** The current search: rows, counts, facets, and what would be found with one condition less. */
import { untrack } from 'svelte'
import * as api from '../api/client'
import type { Facet, Feature } from '../api/types'
import type { Catalogue } from '../catalogue/catalogue'
import { inventory } from './inventory.svelte'
import { subjects, without, type PageState } from './url'

export interface Relaxation {
  subject: string
  count: number
  almost: Feature[]
}

const PAGE = 50
/** Most rows that are fetched again in one go when the inventory changes. */
const MOST = 1000

/** Search parameters for the API; filters that this collection does not know are left out. */
export function parametersOf(state: PageState, catalogue: Catalogue): api.Parameters {
  const out: api.Parameters = { collection: state.collection }
  for (const [key, value] of Object.entries(state.filters)) if (catalogue.takes(state.collection, key)) out[key] = value
  if (state.bbox) out['bbox'] = state.bbox.join(',')
  if (state.asOf) out['at'] = state.asOf
  return out
}

export function unknownFilters(state: PageState, catalogue: Catalogue): string[] {
  return Object.keys(state.filters).filter((key) => !catalogue.takes(state.collection, key))
}

function tidy(parameters: api.Parameters, drop: string): api.Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => key !== drop))
}

class Search {
  features = $state.raw<Feature[]>([])
  matched = $state(0)
  /** Matches without the box. */
  total = $state(0)
  next = $state<string | null>(null)
  phase = $state<'first' | 'loading' | 'ready' | 'failed'>('first')
  loadingMore = $state(false)
  problem = $state<api.Refused | api.Offline | null>(null)
  facets = $state.raw<Map<string, Facet>>(new Map())
  relaxations = $state.raw<Relaxation[]>([])
  private asked = ''
  private abort = new AbortController()
  private facetAbort = new AbortController()

  /** Called from effects, which must not follow what is read in here. */
  run(state: PageState, catalogue: Catalogue) {
    return untrack(() => this.find(state, catalogue))
  }

  private async find(state: PageState, catalogue: Catalogue) {
    const parameters = parametersOf(state, catalogue)
    const asked = JSON.stringify([parameters, state.sort])
    const rows = asked === this.asked ? Math.min(Math.max(PAGE, this.features.length), MOST) : PAGE
    if (!this.asked.startsWith(`[{"collection":"${state.collection}"`)) this.forget()
    this.asked = asked
    this.abort.abort()
    const abort = (this.abort = new AbortController())
    if (this.phase !== 'first') this.phase = 'loading'
    try {
      const [found, total] = await Promise.all([
        api.search(withOrder(parameters, state.sort, rows), abort.signal),
        state.bbox ? this.count(tidy(parameters, 'bbox'), abort.signal) : null,
      ])
      if (abort.signal.aborted) return
      const relaxations = found.numberMatched === 0 ? await this.relax(parameters, state, catalogue, abort.signal) : []
      this.features = found.features
      this.matched = found.numberMatched
      this.total = total ?? found.numberMatched
      this.next = found.next
      this.relaxations = relaxations
      this.problem = null
      this.phase = 'ready'
      inventory.saw(found.revision)
    } catch (error) {
      this.fail(error, abort.signal)
    }
  }

  async runFacets(state: PageState, catalogue: Catalogue, attributes: readonly string[]) {
    this.facetAbort.abort()
    const abort = (this.facetAbort = new AbortController())
    if (attributes.length === 0) return
    try {
      const parameters = { ...parametersOf(state, catalogue), facets: attributes.join(',') }
      const answer = await api.facets(parameters, abort.signal)
      if (!abort.signal.aborted) this.facets = new Map(answer.facets.map((facet) => [facet.attribute, facet]))
    } catch {
      // The rows say what is wrong; without counts the panel still works.
    }
  }

  async more(state: PageState, catalogue: Catalogue) {
    if (!this.next || this.loadingMore) return
    const asked = this.asked
    this.loadingMore = true
    try {
      const parameters = withOrder(parametersOf(state, catalogue), state.sort, PAGE)
      const found = await api.search({ ...parameters, after: this.next }, this.abort.signal)
      if (asked !== this.asked) return
      this.features = [...this.features, ...found.features]
      this.next = found.next
    } catch (error) {
      this.fail(error, this.abort.signal)
    } finally {
      this.loadingMore = false
    }
  }

  /** Another collection: its rows and counts have nothing to do with the old ones. */
  private forget() {
    this.features = []
    this.facets = new Map()
    this.relaxations = []
    this.next = null
    this.phase = 'first'
  }

  private async count(parameters: api.Parameters, signal: AbortSignal): Promise<number> {
    return (await api.search({ ...parameters, limit: '1', geometry: 'none' }, signal)).numberMatched
  }

  private async relax(parameters: api.Parameters, state: PageState, catalogue: Catalogue, signal: AbortSignal) {
    const isAttribute = (key: string) => catalogue.attribute(state.collection, key) !== undefined
    const { collection: _collection, at, ...filters } = parameters
    const ways = subjects(filters, isAttribute).map(async (subject): Promise<Relaxation> => {
      const point: api.Parameters = at ? { at } : {}
      const rest = { ...without(filters, subject, isAttribute), ...point, collection: state.collection }
      const found = await api.search({ ...rest, limit: '3', geometry: 'none' }, signal)
      return { subject, count: found.numberMatched, almost: found.features }
    })
    const all = await Promise.all(ways)
    return all.filter((one) => one.count > 0).sort((a, b) => a.count - b.count)
  }

  private fail(error: unknown, signal: AbortSignal) {
    if (signal.aborted) return
    if (error instanceof api.Refused || error instanceof api.Offline) this.problem = error
    else throw error
    this.phase = 'failed'
  }
}

function withOrder(parameters: api.Parameters, sort: string, limit: number): api.Parameters {
  const out: api.Parameters = { ...parameters, limit: String(limit), geometry: 'none' }
  if (sort) out['sort'] = sort
  return out
}

export const search = new Search()
