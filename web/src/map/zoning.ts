/** Targets by the zone they belong to while zones are painted: a letter for the zone, a colour for its team. Loaded with its page. */
import type { Feature, Polygon } from 'geojson'
import { codes, ring, shapesOf, shapeSource, zoneLayers, zoneSources, type DrawnZone } from './coverage'
import { FONT } from './names'
import { startLayers, startSources, type RouteStart } from './routestart'
import type { Draw } from './drawing'

export interface Zoned {
  code: string
  collection: string
  point: readonly number[] | null
  /** Letter of its zone, or nothing. */
  letter: string
  /** Place of the team among the teams; -1 for none. */
  team: number
  chosen: boolean
  /** Belongs to a zone that is signed off. */
  locked: boolean
}

const TARGETS = 'targets'
const SHAPE = 'shape'
const COLOURS = 6

function teamColours(): string[] {
  const style = getComputedStyle(document.documentElement)
  return Array.from({ length: COLOURS }, (_, at) => style.getPropertyValue(`--wish-${at + 1}`).trim())
}

/** What is painted over the targets: the shape that is being drawn, and where the routes start. */
export interface Painted {
  shape: Polygon | null
  start: RouteStart | null
}

export function zoning(targets: readonly Zoned[], zones: readonly DrawnZone[], { shape, start }: Painted): Draw {
  const collections = [...new Set(targets.map((one) => one.collection))].sort()
  return (palette, tiles) => {
    const colours = teamColours()
    const colourOf = (team: number) => (team < 0 ? palette.halo : (colours[team % COLOURS] ?? palette.fit))
    const features = targets.flatMap(({ code, point, letter, team, chosen, locked }): Feature[] => {
      if (!point) return []
      const properties = { code, letter, chosen, locked, colour: colourOf(letter ? team : -1), bare: letter === '' }
      return [{ type: 'Feature', geometry: { type: 'Point', coordinates: [...point] }, properties }]
    })
    const painted: Feature[] = shape ? [{ type: 'Feature', geometry: shape, properties: {} }] : []
    return {
      sources: {
        ...Object.fromEntries(collections.map((key) => [shapesOf(key), shapeSource(key, tiles(key))])),
        ...zoneSources(zones),
        ...startSources(start),
        [SHAPE]: { type: 'geojson', data: { type: 'FeatureCollection', features: painted } },
        [TARGETS]: { type: 'geojson', data: { type: 'FeatureCollection', features }, promoteId: 'code' },
      },
      layers: [
        ...collections.map((key) => ({
          id: `${shapesOf(key)}-line`,
          type: 'line' as const,
          source: shapesOf(key),
          'source-layer': key,
          paint: { 'line-color': palette.context, 'line-width': 0.8 },
        })),
        { id: 'shape-fill', type: 'fill', source: SHAPE, paint: { 'fill-color': palette.pick, 'fill-opacity': 0.1 } },
        { id: 'shape-line', type: 'line', source: SHAPE, paint: { 'line-color': palette.pick, 'line-width': 2.4 } },
        ...zoneLayers(palette),
        ring(TARGETS, palette),
        {
          id: 'zoned',
          type: 'circle',
          source: TARGETS,
          paint: {
            'circle-radius': [
              'interpolate',
              ['linear'],
              ['zoom'],
              11,
              ['case', ['get', 'chosen'], 9, 6.5],
              13,
              ['case', ['get', 'chosen'], 12, 9],
            ],
            'circle-color': ['get', 'colour'],
            'circle-opacity': ['case', ['get', 'locked'], 0.45, 1],
            'circle-stroke-color': [
              'case',
              ['get', 'chosen'],
              palette.pick,
              ['get', 'bare'],
              palette.context,
              palette.halo,
            ],
            'circle-stroke-width': ['case', ['get', 'chosen'], 3.5, 1.5],
          },
        },
        {
          id: 'zoned-letters',
          type: 'symbol',
          source: TARGETS,
          minzoom: 10.8,
          layout: {
            'text-field': ['get', 'letter'],
            'text-font': FONT,
            'text-size': ['interpolate', ['linear'], ['zoom'], 11, 9, 13, 11],
            'text-allow-overlap': true,
            'text-ignore-placement': true,
          },
          paint: { 'text-color': palette['mark-ink'] },
        },
        codes(TARGETS, palette),
        ...startLayers(palette),
      ],
      pointed: ['zoned'],
      stated: [{ source: TARGETS }],
      image: () => null,
    }
  }
}
