/**
 * The address as state: filters, order, map position, selection, compare set and language. Defaults are left out.
 * Filters keep the names and values of the HTTP search, so an address can be read beside the API's documentation.
 * Names of our own are fixed for good: links that people have sent each other keep working.
 */
import type { Box, Lang } from '../api/types'

export interface Place {
  zoom: number
  lat: number
  lon: number
}

export interface PageState {
  lang: Lang | null
  collection: string
  /** Search parameters other than collection, box and order. */
  filters: Record<string, string>
  /** Area searched. */
  bbox: Box | null
  sort: string
  /** Where the map looks. */
  at: Place | null
  /** Day, time or revision of the past that is looked at; `null` for the present. */
  asOf: string | null
  pick: string | null
  compare: string[]
  comparing: boolean
  /** Search as the map moves. */
  follow: boolean
  /** Overlays shown, or `null` for the usual ones. */
  layers: string[] | null
  view: 'both' | 'list' | 'map'
  /** What is on a shared shortlist. */
  codes: string[]
  /** Kept requirement and revision, `id@revision`, that the shortlist comes from. */
  kept: string | null
}

/** Most carriers of a shared shortlist. */
const MAX_SHARED = 50

export const DEFAULT_COLLECTION = 'parcels'
export const MAX_COMPARED = 6
const LANGS: readonly string[] = ['zh', 'en', 'de']

export function emptyState(): PageState {
  return {
    lang: null,
    collection: DEFAULT_COLLECTION,
    filters: {},
    bbox: null,
    sort: '',
    at: null,
    asOf: null,
    pick: null,
    compare: [],
    comparing: false,
    follow: true,
    layers: null,
    view: 'both',
    codes: [],
    kept: null,
  }
}

/** A day, a time or the number of a revision. */
const POINT = /^(\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?|\d+)$/

type Reader = (state: PageState, text: string) => void

const READERS: Record<string, Reader> = {
  lang: (state, text) => (state.lang = LANGS.includes(text) ? (text as Lang) : null),
  collection: (state, text) => (state.collection = /^[a-z][a-z0-9_]*$/.test(text) ? text : DEFAULT_COLLECTION),
  bbox: (state, text) => (state.bbox = parseBox(text)),
  sort: (state, text) => (state.sort = text),
  // A map position, as always; the API's own name for a point in the past is understood here too.
  at: (state, text) => {
    if (POINT.test(text)) state.asOf = text
    else state.at = parsePlace(text)
  },
  as_of: (state, text) => (state.asOf = POINT.test(text) ? text : null),
  pick: (state, text) => (state.pick = text || null),
  compare: (state, text) => (state.compare = [...new Set(text.split(',').filter(Boolean))].slice(0, MAX_COMPARED)),
  comparing: (state, text) => (state.comparing = text === '1'),
  follow: (state, text) => (state.follow = text !== '0'),
  layers: (state, text) => (state.layers = text.split(',').filter(Boolean)),
  codes: (state, text) => (state.codes = [...new Set(text.split(',').filter(Boolean))].slice(0, MAX_SHARED)),
  kept: (state, text) => (state.kept = /^[0-9a-f-]{36}@\d+$/.test(text) ? text : null),
  view: (state, text) => (state.view = text === 'list' || text === 'map' ? text : 'both'),
}

export function parseState(search: string): PageState {
  const state = emptyState()
  for (const [key, value] of new URLSearchParams(search)) {
    const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined
    if (reader) reader(state, value)
    else if (value !== '') state.filters[key] = value
  }
  return state
}

/** The search part of the address, with the question mark, or nothing when all is default. */
export function formatState(state: PageState): string {
  const out = new URLSearchParams()
  const put = (key: string, text: string | null) => text !== null && text !== '' && out.set(key, text)
  if (state.collection !== DEFAULT_COLLECTION) put('collection', state.collection)
  for (const key of Object.keys(state.filters).sort()) put(key, state.filters[key] ?? null)
  put('bbox', state.bbox && state.bbox.join(','))
  put('sort', state.sort)
  put('at', state.at && `${state.at.zoom}/${state.at.lat}/${state.at.lon}`)
  put('as_of', state.asOf)
  put('pick', state.pick)
  put('compare', state.compare.join(','))
  if (state.comparing) put('comparing', '1')
  if (!state.follow) put('follow', '0')
  if (state.layers) out.set('layers', state.layers.join(','))
  if (state.view !== 'both') put('view', state.view)
  put('codes', state.codes.join(','))
  put('kept', state.kept)
  put('lang', state.lang)
  const text = out.toString().replace(/%2C/g, ',').replace(/%2F/g, '/').replace(/%40/g, '@')
  return text ? `?${text}` : ''
}

function parseBox(text: string): Box | null {
  const parts = text.split(',').map(Number)
  const [west, south, east, north] = parts
  if (parts.length !== 4 || parts.some((part) => !Number.isFinite(part))) return null
  if (west === undefined || south === undefined || east === undefined || north === undefined) return null
  return west < east && south < north ? [west, south, east, north] : null
}

function parsePlace(text: string): Place | null {
  const [zoom, lat, lon] = text.split('/').map(Number)
  if (zoom === undefined || lat === undefined || lon === undefined) return null
  if (!(zoom >= 0 && zoom <= 24) || !(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return null
  return { zoom, lat, lon }
}

const SUFFIX = /_(min|max|unit|unknown|scheme)$/

/** The attribute (or `q`, `available_by`, ...) that a filter parameter belongs to. */
export function subjectOf(parameter: string, isAttribute: (key: string) => boolean): string {
  if (isAttribute(parameter)) return parameter
  const base = parameter.replace(SUFFIX, '')
  return isAttribute(base) ? base : parameter
}

/** Filters without those of one subject. */
export function without(
  filters: Record<string, string>,
  subject: string,
  isAttribute: (key: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(filters).filter(([key]) => subjectOf(key, isAttribute) !== subject))
}

/** Subjects with an active filter, in the address's order, each once. */
export function subjects(filters: Record<string, string>, isAttribute: (key: string) => boolean): string[] {
  const keys = Object.keys(filters).filter((key) => !key.endsWith('_unit') && !key.endsWith('_scheme'))
  return [...new Set(keys.map((key) => subjectOf(key, isAttribute)))].sort()
}
