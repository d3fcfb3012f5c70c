/** Targets of a campaign by how far they are, and the outlines of its zones. Loaded with the page that shows them. */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Feature, FeatureCollection, Geometry } from 'geojson'
import type { TargetState } from '../api/survey'
import { FONT } from './names'
import type { Palette } from './palette'
import type { Draw } from './drawing'
import { startLayers, startSources, type RouteStart } from './routestart'
import { imageName, LOOKS, markImage, signOf, type Outcome } from './targetmarks'

export interface DrawnTarget {
  code: string
  collection: string
  point: readonly number[] | null
  state: TargetState
  outcome: Outcome | null
}
export interface DrawnZone {
  label: string
  outline: Geometry | null
  /** Place of its team among the teams; -1 for none. */
  team: number
}

const TARGETS = 'targets'
const ZONES = 'zones'
const ZONE_NAMES = 'zone-names'
/** Dashes of the outlines, by team: told apart without colour. */
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [4, 1.5],
  [1.2, 1.2],
  [6, 1.2, 1.2, 1.2],
]

const gather = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

export function coverage(targets: readonly DrawnTarget[], zones: readonly DrawnZone[], start: RouteStart | null): Draw {
  const collections = [...new Set(targets.map((one) => one.collection))].sort()
  return (palette, tiles) => ({
    sources: {
      ...Object.fromEntries(collections.map((key) => [shapesOf(key), shapeSource(key, tiles(key))])),
      ...zoneSources(zones),
      ...startSources(start),
      [TARGETS]: { type: 'geojson', data: points(targets), promoteId: 'code' },
    },
    layers: [
      ...collections.flatMap((key) => shapes(key, targets, palette)),
      ...zoneLayers(palette),
      ring(TARGETS, palette),
      marks(),
      codes(TARGETS, palette),
      ...startLayers(palette),
    ],
    pointed: ['target-marks'],
    stated: [{ source: TARGETS }],
    image: (name) => markImage(name, palette),
  })
}

function points(targets: readonly DrawnTarget[]): FeatureCollection {
  const features = targets.flatMap(({ code, point, state, outcome }): Feature[] => {
    if (!point) return []
    const geometry = { type: 'Point' as const, coordinates: [...point] }
    // What is done lies under what somebody still has to look at.
    const order = state === 'approved' || state === 'excepted' || state === 'replaced' ? 0 : state === 'open' ? 1 : 2
    return [{ type: 'Feature', geometry, properties: { code, order, icon: imageName(state, signOf(state, outcome)) } }]
  })
  return gather(features)
}

export const shapesOf = (collection: string) => `shapes-${collection}`

export function shapeSource(collection: string, url: string): SourceSpecification {
  return { type: 'vector', tiles: [url], maxzoom: 18, promoteId: { [collection]: 'code' } }
}

function shapes(collection: string, targets: readonly DrawnTarget[], palette: Palette): LayerSpecification[] {
  const own = targets.filter((one) => one.collection === collection)
  if (own.length === 0) return []
  const code: ExpressionSpecification = ['coalesce', ['get', 'code'], '']
  const pairs = own.flatMap((one) => [one.code, palette.status[LOOKS[one.state].tone]])
  const colour = ['match', code, ...pairs, palette.context] as unknown as ExpressionSpecification
  const solid = own.filter((one) => LOOKS[one.state].solid).map((one) => one.code)
  const common = { source: shapesOf(collection), 'source-layer': collection } as const
  const filter: ExpressionSpecification = ['in', code, ['literal', own.map((one) => one.code)]]
  return [
    {
      ...common,
      id: `${common.source}-fill`,
      type: 'fill',
      filter,
      paint: { 'fill-color': colour, 'fill-opacity': ['case', ['in', code, ['literal', solid]], 0.34, 0.1] },
    },
    {
      ...common,
      id: `${common.source}-line`,
      type: 'line',
      filter,
      paint: { 'line-color': colour, 'line-width': 1.4 },
    },
  ]
}

/** Outlines of zones; a name stands over the northern edge. */
export function zoneSources(zones: readonly DrawnZone[]): Record<string, SourceSpecification> {
  const outlines = zones.flatMap(({ outline, team }): Feature[] => {
    const dash = team < 0 ? -1 : team % DASHES.length
    return outline ? [{ type: 'Feature', geometry: outline, properties: { team, dash } }] : []
  })
  const names = zones.flatMap(({ outline, label }): Feature[] => {
    const top = outline && topOf(outline)
    return top ? [{ type: 'Feature', geometry: { type: 'Point', coordinates: top }, properties: { label } }] : []
  })
  return {
    [ZONES]: { type: 'geojson', data: gather(outlines) },
    [ZONE_NAMES]: { type: 'geojson', data: gather(names) },
  }
}

function topOf(outline: Geometry): [number, number] | null {
  const ring = outline.type === 'Polygon' ? (outline.coordinates[0] ?? []) : []
  if (ring.length === 0) return null
  const [lons, lats] = [ring.map(([lon]) => lon ?? 0), ring.map(([, lat]) => lat ?? 0)]
  return [(Math.min(...lons) + Math.max(...lons)) / 2, Math.max(...lats)]
}

export function zoneLayers(
  palette: Palette,
  colour: ExpressionSpecification | string = palette.pick,
): LayerSpecification[] {
  const line = (dash: number): LayerSpecification => ({
    id: `zone-line-${dash}`,
    type: 'line',
    source: ZONES,
    filter: ['==', ['get', 'dash'], dash],
    layout: { 'line-join': 'round' },
    paint: {
      'line-color': colour,
      'line-width': 2,
      'line-opacity': dash < 0 ? 0.5 : 0.9,
      ...(dash > 0 ? { 'line-dasharray': [...(DASHES[dash] ?? [])] } : {}),
    },
  })
  return [
    ...[-1, ...DASHES.keys()].map(line),
    {
      id: 'zone-names',
      type: 'symbol',
      source: ZONE_NAMES,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 12.5,
        'text-variable-anchor': ['bottom', 'top', 'left', 'right'],
        'text-radial-offset': 0.4,
        'text-max-width': 14,
        'text-line-height': 1.1,
        'text-padding': 1,
      },
      paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 2.2 },
    },
  ]
}

/** A ring around the target that list and map point at together. */
export function ring(source: string, palette: Palette): LayerSpecification {
  const is = (name: string): ExpressionSpecification => ['boolean', ['feature-state', name], false]
  return {
    id: 'target-ring',
    type: 'circle',
    source,
    paint: {
      'circle-radius': ['case', is('pick'), 17, is('hover'), 15, 0],
      'circle-color': palette.halo,
      'circle-stroke-color': palette.pick,
      'circle-stroke-width': ['case', is('pick'), 3, is('hover'), 2, 0],
    },
  }
}

function marks(): LayerSpecification {
  return {
    id: 'target-marks',
    type: 'symbol',
    source: TARGETS,
    layout: {
      'icon-image': ['get', 'icon'],
      'icon-allow-overlap': true,
      'icon-ignore-placement': true,
      'icon-size': ['interpolate', ['linear'], ['zoom'], 10, 0.5, 12.5, 0.75, 14, 1],
      'symbol-sort-key': ['get', 'order'],
    },
  }
}

export function codes(source: string, palette: Palette): LayerSpecification {
  return {
    id: 'target-codes',
    type: 'symbol',
    source,
    minzoom: 14.2,
    layout: {
      'text-field': ['get', 'code'],
      'text-font': FONT,
      'text-size': 11,
      'text-offset': [0, 1.1],
      'text-anchor': 'top',
      'text-optional': true,
    },
    paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
  }
}
