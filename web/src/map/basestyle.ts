/** The muted base map from the overlays marked as such. Its look follows from what an overlay's key says it is. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Collection, Lang } from '../api/types'
import { FONT, sourceOf } from './names'
import type { Palette } from './palette'

type Role = 'boundary' | 'green' | 'water' | 'rail' | 'street' | 'road' | 'motorway' | 'place' | 'other'
/** Bottom first. */
const ORDER: Role[] = ['other', 'green', 'water', 'boundary', 'rail', 'street', 'road', 'motorway', 'place']
const WORDS: [Role, RegExp][] = [
  ['water', /water|river|canal|lake|shore|sea/],
  ['green', /green|park_|forest|wood|field|farm|land/],
  ['rail', /rail/],
  ['motorway', /motorway|expressway|highway/],
  ['street', /street|local/],
  ['road', /road|way/],
  ['place', /place|name|label|town/],
  ['boundary', /boundar|border|limit|outline/],
]

/** Larger places are written larger, where the layer says how large they are. */
const PLACE_SIZE: ExpressionSpecification = ['match', ['get', 'size'], 'city', 15, 'town', 12.5, 'bridge', 11, 13]

function roleOf(key: string): Role {
  return WORDS.find(([, words]) => words.test(key))?.[0] ?? 'other'
}

/** Layers under the carriers, and labels over them. */
export function baseLayers(baseMap: readonly Collection[], palette: Palette, lang: Lang) {
  const sorted = baseMap
    .map((one) => ({ key: one.key, role: roleOf(one.key) }))
    .sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role))
  const under = sorted.flatMap((one) => (one.role === 'place' ? [] : shapes(one.key, one.role, palette)))
  const over = sorted.flatMap((one) => labels(one.key, one.role, palette, lang))
  return { under, over }
}

function shapes(key: string, role: Role, palette: Palette): LayerSpecification[] {
  const common = { source: sourceOf(key), 'source-layer': key }
  const fill = (colour: string): LayerSpecification => ({
    ...common,
    id: `${key}-fill`,
    type: 'fill',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': colour },
  })
  const line = (id: string, colour: string, widths: [number, number], dash?: number[]): LayerSpecification => ({
    ...common,
    id: `${key}-${id}`,
    type: 'line',
    layout: { 'line-cap': dash ? 'butt' : 'round', 'line-join': 'round' },
    paint: {
      'line-color': colour,
      'line-width': ['interpolate', ['exponential', 1.5], ['zoom'], 11, widths[0], 17, widths[1]],
      ...(dash ? { 'line-dasharray': dash } : {}),
    },
  })
  if (role === 'water') return [fill(palette.water), line('line', palette['water-line'], [0.9, 5])]
  if (role === 'green') return [fill(palette.green)]
  if (role === 'rail') return [line('line', palette.rail, [0.8, 3], [4, 2])]
  if (role === 'motorway') return [line('edge', palette.rail, [3.6, 20]), line('line', palette.road, [2, 16])]
  if (role === 'road') return [line('edge', palette['road-edge'], [2.6, 18]), line('line', palette.road, [1.4, 15])]
  if (role === 'street') return [line('edge', palette['road-edge'], [1, 13]), line('line', palette.road, [0.5, 10])]
  if (role === 'boundary') return [line('line', palette.rail, [1, 2], [5, 3])]
  return [fill(palette.park), line('line', palette['road-edge'], [0.5, 1])]
}

function isWay(role: Role): boolean {
  return role === 'street' || role === 'road' || role === 'motorway'
}

function labels(key: string, role: Role, palette: Palette, lang: Lang): LayerSpecification[] {
  if (!isWay(role) && role !== 'place' && role !== 'water') return []
  const layer = (id: string, along: boolean, least: number): LayerSpecification => ({
    id: `${key}-${id}`,
    type: 'symbol',
    source: sourceOf(key),
    'source-layer': key,
    minzoom: least,
    filter: [along ? '==' : '!=', ['geometry-type'], 'LineString'],
    layout: {
      'symbol-placement': along ? 'line' : 'point',
      'text-field': ['coalesce', ['get', `name_${lang}`], ['get', 'name'], ''],
      'text-font': FONT,
      'text-size': along ? 11 : role === 'place' ? PLACE_SIZE : 12,
      'text-letter-spacing': role === 'place' ? 0.06 : along && role === 'water' ? 0.12 : 0,
      'text-max-width': 8,
    },
    paint: {
      'text-color': role === 'water' ? palette.info : palette['text-2'],
      'text-halo-color': palette.halo,
      'text-halo-width': 1.4,
    },
  })
  if (role === 'motorway') return [layer('label', true, 11)]
  if (role === 'road') return [layer('label', true, 13.5)]
  if (role === 'street') return [layer('label', true, 14.5)]
  return role === 'water' ? [layer('label', false, 9), layer('label-along', true, 12)] : [layer('label', false, 9)]
}
