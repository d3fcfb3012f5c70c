/** The whole map style as a pure function of what is shown. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { Lang, Settings } from '../api/types'
import type { Catalogue } from '../catalogue/catalogue'
import { LAND_UNIT, SIZE, STATUS } from '../catalogue/core'
import { baseLayers } from './basestyle'
import { candidateLayers, candidateSources, type Candidate } from './candidates'
import type { Draw, Drawing } from './drawing'
import { CONTEXT, FONT, HITS, LOTS, sourceOf } from './names'
import { overlay } from './overlaystyle'
import type { Palette } from './palette'

export interface Shown {
  catalogue: Catalogue
  settings: Settings
  collection: string
  /** Search parameters of the tiles, without the collection. */
  query: string
  filtered: boolean
  revision: number
  /** A point in the past instead of the revision. */
  at?: string | null
  layers: readonly string[]
  lang: Lang
  palette: Palette
  origin: string
  /** Instead of the tiles' own results: what suits a requirement, of several collections. */
  candidates?: readonly Candidate[]
  /** Instead of both: what a page draws by itself. */
  drawing?: Draw
}

export function tileUrl(shown: Shown, collection: string, query: string): string {
  const point = shown.at ? `at=${encodeURIComponent(shown.at)}` : `rev=${shown.revision}`
  const parameters = query ? `${query}&${point}` : point
  return `${shown.origin}/tiles/${collection}/{z}/{x}/{y}?${parameters}`
}

export function drawingOf(shown: Shown): Drawing | null {
  return shown.drawing?.(shown.palette, (key) => tileUrl(shown, key, '')) ?? null
}

export function buildStyle(shown: Shown, drawing: Drawing | null = null): StyleSpecification {
  const { catalogue, collection, palette } = shown
  const overlays = catalogue.overlays.filter((one) => shown.layers.includes(one.key))
  const sources: Record<string, SourceSpecification> = {}
  const vector = (key: string, query = '', byCode = false): SourceSpecification => ({
    type: 'vector',
    tiles: [tileUrl(shown, key, query)],
    maxzoom: 18,
    ...(byCode ? { promoteId: { [collection]: 'code' } } : {}),
  })
  const raster = shown.settings.base_map
  if (raster)
    sources['raster'] = { type: 'raster', tiles: raster.tiles, tileSize: 256, attribution: raster.attribution }
  else for (const one of catalogue.baseMap) sources[sourceOf(one.key)] = vector(one.key)
  for (const one of overlays) sources[sourceOf(one.key)] = vector(one.key)
  if (drawing) Object.assign(sources, drawing.sources)
  else if (shown.candidates)
    Object.assign(
      sources,
      candidateSources(shown.candidates, (key) => tileUrl(shown, key, '')),
    )
  else {
    if (shown.filtered) sources[CONTEXT] = vector(collection)
    sources[HITS] = vector(collection, shown.query, true)
  }
  const land = catalogue.carriers[0]?.key
  const own = drawing !== null || shown.candidates !== undefined
  const lots = land && (own || land !== collection) ? land : null
  if (lots) sources[LOTS] = vector(lots)
  const base = raster ? { under: [], over: [] } : baseLayers(catalogue.baseMap, palette, shown.lang)
  return {
    version: 8,
    sources,
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': palette.land } },
      ...(raster ? [{ id: 'raster', type: 'raster' as const, source: 'raster' }] : []),
      ...base.under,
      ...(lots ? [outlines(LOTS, lots, palette)] : []),
      ...(own ? [] : results(shown)),
      ...overlays.flatMap((one) => overlay(one, palette)),
      ...(own ? [] : emphasis(collection, palette)),
      ...base.over,
      ...(drawing?.layers ?? (shown.candidates ? candidateLayers(shown.candidates, palette) : labels(shown))),
    ],
  }
}

function results(shown: Shown): LayerSpecification[] {
  const behind = shown.filtered ? [outlines(CONTEXT, shown.collection, shown.palette)] : []
  return [...behind, ...carriers(shown)]
}

/** Hairlines of what is there but not asked for. */
function outlines(source: string, layer: string, palette: Palette): LayerSpecification {
  const paint = { 'line-color': palette.context, 'line-width': 0.7 }
  return { id: `${source}-outlines`, type: 'line', source, 'source-layer': layer, paint }
}

/** Colour by what a state means for availability: four colours, whatever the park's states are. */
function statusColour(shown: Shown): ExpressionSpecification | string {
  const { status } = shown.palette
  const states = shown.catalogue.lifecycle(shown.collection)?.states ?? []
  if (states.length === 0) return status.unknown
  const colours = { now: status.now, from_date: status.later, never: status.never }
  const pairs = states.flatMap((state) => [state.code, colours[state.availability]])
  return ['match', ['coalesce', ['get', STATUS], ''], ...pairs, status.unknown] as unknown as ExpressionSpecification
}

function codesOf(shown: Shown, availability: string): string[] {
  const states = shown.catalogue.lifecycle(shown.collection)?.states ?? []
  return states.filter((state) => state.availability === availability).map((state) => state.code)
}

function carriers(shown: Shown): LayerSpecification[] {
  const common = { source: HITS, 'source-layer': shown.collection } as const
  const colour = statusColour(shown)
  const later: ExpressionSpecification = [
    'in',
    ['coalesce', ['get', STATUS], ''],
    ['literal', codesOf(shown, 'from_date')],
  ]
  const never: ExpressionSpecification = ['in', ['coalesce', ['get', STATUS], ''], ['literal', codesOf(shown, 'never')]]
  return [
    {
      ...common,
      id: 'hits-fill',
      type: 'fill',
      paint: {
        'fill-color': colour,
        'fill-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 0.62, never, 0.16, 0.34],
      },
    },
    {
      ...common,
      id: 'hits-line',
      type: 'line',
      filter: ['!', later],
      paint: { 'line-color': colour, 'line-width': ['interpolate', ['linear'], ['zoom'], 12, 0.8, 16, 1.8] },
    },
    {
      ...common,
      id: 'hits-line-later',
      type: 'line',
      filter: later,
      paint: {
        'line-color': colour,
        'line-width': ['interpolate', ['linear'], ['zoom'], 12, 1, 16, 2],
        'line-dasharray': [3, 1.5],
      },
    },
  ]
}

/** Outlines of what list and map point at together. */
function emphasis(collection: string, palette: Palette): LayerSpecification[] {
  const common = { source: HITS, 'source-layer': collection, type: 'line' } as const
  const width = (state: string, wide: number): ExpressionSpecification => [
    'case',
    ['boolean', ['feature-state', state], false],
    wide,
    0,
  ]
  return [
    { ...common, id: 'hits-hover', paint: { 'line-color': palette.pick, 'line-width': width('hover', 2.4) } },
    { ...common, id: 'hits-pick', paint: { 'line-color': palette.pick, 'line-width': width('pick', 3.6) } },
  ]
}

function labels(shown: Shown): LayerSpecification[] {
  const { palette, collection } = shown
  const text = { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 }
  const counts = { source: HITS, 'source-layer': `${collection}_counts` } as const
  return [
    {
      id: 'hits-label',
      type: 'symbol',
      source: HITS,
      'source-layer': collection,
      minzoom: 14.2,
      layout: {
        'text-field': labelOf(shown),
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 14, 10, 17, 13],
        'text-line-height': 1.25,
        'text-padding': 3,
        'symbol-sort-key': ['-', 0, ['coalesce', ['get', SIZE], 0]],
      },
      paint: text,
    },
    {
      ...counts,
      id: 'counts',
      type: 'circle',
      paint: {
        'circle-color': palette.halo,
        'circle-stroke-color': palette.status.now,
        'circle-stroke-width': 1.5,
        'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 8, 40, 30],
      },
    },
    {
      ...counts,
      id: 'counts-text',
      type: 'symbol',
      layout: {
        'text-field': ['to-string', ['get', 'count']],
        'text-font': FONT,
        'text-size': 11,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': palette.text },
    },
  ]
}

/** Short code, and the size below it in the unit the reader expects. */
function labelOf(shown: Shown): ExpressionSpecification {
  const size = shown.catalogue.attribute(shown.collection, SIZE)
  const land = shown.lang === 'zh' && shown.collection === shown.catalogue.carriers[0]?.key
  const unit = size && shown.catalogue.unit(size, land ? LAND_UNIT : null)
  const number: ExpressionSpecification = [
    'number-format',
    ['/', ['get', SIZE], unit?.factor ?? 1],
    { locale: shown.lang, 'max-fraction-digits': unit && unit.factor > 1 ? 1 : 0 },
  ]
  const sized: ExpressionSpecification = [
    'case',
    ['has', SIZE],
    ['concat', '\n', number, ' ', unit?.names[shown.lang] ?? ''],
    '',
  ]
  return ['concat', ['get', 'code'], sized]
}
