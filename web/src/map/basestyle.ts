/** The muted base map from the overlays marked as such. Its look follows from what an overlay's key says it is. */
import type { LayerSpecification } from 'maplibre-gl'
import type { Collection, Lang } from '../api/types'
import { FONT, sourceOf } from './names'
import type { Palette } from './palette'

type Role = 'boundary' | 'green' | 'water' | 'rail' | 'road' | 'place' | 'other'
/** Bottom first. */
const ORDER: Role[] = ['other', 'green', 'water', 'boundary', 'rail', 'road', 'place']
const WORDS: [Role, RegExp][] = [
  ['water', /water|river|canal|lake|shore|sea/],
  ['green', /green|park_|forest|wood|field|farm|land/],
  ['rail', /rail/],
  ['road', /road|street|way/],
  ['place', /place|name|label|town/],
  ['boundary', /boundar|border|limit|outline/],
]

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
  if (role === 'water') return [fill(palette.water), line('line', palette['water-line'], [0.6, 2])]
  if (role === 'green') return [fill(palette.green)]
  if (role === 'rail') return [line('line', palette.rail, [0.8, 3], [4, 2])]
  if (role === 'road') return [line('edge', palette['road-edge'], [1.6, 18]), line('line', palette.road, [0.8, 15])]
  if (role === 'boundary') return [line('line', palette.rail, [1, 2], [5, 3])]
  return [fill(palette.park), line('line', palette['road-edge'], [0.5, 1])]
}

function labels(key: string, role: Role, palette: Palette, lang: Lang): LayerSpecification[] {
  if (role !== 'road' && role !== 'place' && role !== 'water') return []
  const along = role === 'road'
  return [
    {
      id: `${key}-label`,
      type: 'symbol',
      source: sourceOf(key),
      'source-layer': key,
      minzoom: along ? 13.5 : 9,
      layout: {
        'symbol-placement': along ? 'line' : 'point',
        'text-field': ['coalesce', ['get', `name_${lang}`], ['get', 'name'], ''],
        'text-font': FONT,
        'text-size': along ? 11 : role === 'place' ? 13 : 12,
        'text-letter-spacing': role === 'place' ? 0.06 : 0,
        'text-max-width': 8,
      },
      paint: {
        'text-color': role === 'water' ? palette.info : palette['text-2'],
        'text-halo-color': palette.halo,
        'text-halo-width': 1.4,
      },
    },
  ]
}
