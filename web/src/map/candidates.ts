/**
 * What suits a requirement, on the map: shapes from the tiles of each collection, picked by code, and a numbered mark at each so that all can be
 * found at any zoom. Fits, might and almost differ in line, sign and colour.
 */
import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { FeatureCollection, Geometry } from 'geojson'
import type { Box, FittedHall } from '../api/types'
import { candidatesOf, FONT, HALLS, MARKS, TOGETHER } from './names'
import type { Palette } from './palette'

export interface Candidate {
  code: string
  collection: string
  kind: 'fit' | 'open' | 'near'
  /** What the mark says: the rank, or a sign. */
  label: string
  box: Box | null
  hall: FittedHall | null
  /** Parcels that answer together: their codes and their outline. */
  members: readonly string[]
  outline: Geometry | null
}

/** Where the state of a shape under the pointer is kept. */
export function stateTargets(shown: { candidates?: readonly Candidate[] }): { source: string; sourceLayer: string }[] {
  return collections(shown.candidates ?? []).map((key) => ({ source: candidatesOf(key), sourceLayer: key }))
}

function collections(candidates: readonly Candidate[]): string[] {
  return [...new Set(candidates.map((one) => one.collection))].sort()
}

export function candidateSources(candidates: readonly Candidate[], tiles: (collection: string) => string) {
  const sources: Record<string, SourceSpecification> = {}
  for (const key of collections(candidates))
    sources[candidatesOf(key)] = { type: 'vector', tiles: [tiles(key)], maxzoom: 18, promoteId: { [key]: 'code' } }
  sources[MARKS] = { type: 'geojson', data: marks(candidates), promoteId: 'code' }
  sources[HALLS] = { type: 'geojson', data: halls(candidates) }
  sources[TOGETHER] = { type: 'geojson', data: together(candidates), promoteId: 'code' }
  return sources
}

function marks(candidates: readonly Candidate[]): FeatureCollection {
  const features = candidates.flatMap(({ box, code, collection, kind, label }) => {
    if (!box) return []
    const coordinates = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
    return [
      {
        type: 'Feature' as const,
        geometry: { type: 'Point' as const, coordinates },
        properties: { code, collection, kind, label },
      },
    ]
  })
  // The first in rank is drawn last, over the others.
  return { type: 'FeatureCollection', features: features.reverse() }
}

function halls(candidates: readonly Candidate[]): FeatureCollection {
  const features = candidates.flatMap(({ code, hall }) =>
    hall ? [{ type: 'Feature' as const, geometry: hall.geometry, properties: { code } }] : [],
  )
  return { type: 'FeatureCollection', features }
}

function together(candidates: readonly Candidate[]): FeatureCollection {
  const features = candidates.flatMap(({ code, outline }) =>
    outline ? [{ type: 'Feature' as const, geometry: outline, properties: { code } }] : [],
  )
  return { type: 'FeatureCollection', features }
}

export function candidateLayers(candidates: readonly Candidate[], palette: Palette): LayerSpecification[] {
  const shapes = collections(candidates).flatMap((key) => shapesOf(key, candidates, palette))
  const colour: ExpressionSpecification = [
    'match',
    ['get', 'kind'],
    'fit',
    palette.fit,
    'open',
    palette.open,
    palette.near,
  ]
  const lit: ExpressionSpecification = ['any', state('hover'), state('pick')]
  return [
    ...shapes,
    {
      id: 'together-line',
      type: 'line',
      source: TOGETHER,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': ['case', lit, palette.pick, palette.fit],
        'line-width': ['case', lit, 5, 3.2],
        'line-dasharray': [3, 1],
      },
    },
    { id: 'halls-line', type: 'line', source: HALLS, paint: { 'line-color': palette.pick, 'line-width': 2.4 } },
    {
      id: 'marks',
      type: 'circle',
      source: MARKS,
      paint: {
        'circle-radius': ['case', lit, 14, ['match', ['get', 'kind'], 'fit', 10, 8]],
        'circle-color': ['match', ['get', 'kind'], 'fit', colour, palette.halo],
        'circle-stroke-color': ['case', lit, palette.pick, ['match', ['get', 'kind'], 'fit', palette.halo, colour]],
        'circle-stroke-width': ['case', lit, 3, 1.5],
      },
    },
    {
      id: 'marks-label',
      type: 'symbol',
      source: MARKS,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 11,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': ['match', ['get', 'kind'], 'fit', palette['mark-ink'], palette.text] },
    },
    {
      id: 'marks-code',
      type: 'symbol',
      source: MARKS,
      minzoom: 14.5,
      layout: {
        'text-field': ['get', 'code'],
        'text-font': FONT,
        'text-size': 11,
        'text-offset': [0, 1.4],
        'text-anchor': 'top',
        'text-optional': true,
      },
      paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
    },
  ]
}

function state(name: 'hover' | 'pick'): ExpressionSpecification {
  return ['boolean', ['feature-state', name], false]
}

function shapesOf(key: string, candidates: readonly Candidate[], palette: Palette): LayerSpecification[] {
  const source = candidatesOf(key)
  const codes = (kind: Candidate['kind']) =>
    candidates
      .filter((one) => one.collection === key && one.kind === kind)
      .flatMap((one) => (one.members.length > 0 ? one.members : [one.code]))
  const among = (kind: Candidate['kind']): ExpressionSpecification => [
    'in',
    ['coalesce', ['get', 'code'], ''],
    ['literal', codes(kind)],
  ]
  const common = { source, 'source-layer': key } as const
  const colour: ExpressionSpecification = ['case', among('fit'), palette.fit, among('open'), palette.open, palette.near]
  const drawn: ExpressionSpecification = ['any', among('fit'), among('open'), among('near')]
  const width: ExpressionSpecification = ['case', ['any', state('hover'), state('pick')], 3.4, 1.6]
  return [
    {
      ...common,
      id: `${source}-fill`,
      type: 'fill',
      filter: drawn,
      paint: {
        'fill-color': colour,
        'fill-opacity': ['case', state('hover'), 0.6, among('fit'), 0.38, 0.14],
      },
    },
    {
      ...common,
      id: `${source}-line`,
      type: 'line',
      filter: among('fit'),
      paint: { 'line-color': ['case', state('pick'), palette.pick, colour], 'line-width': width },
    },
    {
      ...common,
      id: `${source}-line-dashed`,
      type: 'line',
      filter: ['any', among('open'), among('near')],
      paint: {
        'line-color': ['case', state('pick'), palette.pick, colour],
        'line-width': width,
        'line-dasharray': [2, 1.5],
      },
    },
  ]
}
