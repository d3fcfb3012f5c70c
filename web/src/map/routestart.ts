/** Where the routes of a campaign start, on the maps that show it. */
import type { FeatureCollection } from 'geojson'
import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { FONT } from './names'
import type { Palette } from './palette'

export interface RouteStart {
  label: string
  lon: number
  lat: number
}

const START = 'route-start'

export function startSources(start: RouteStart | null): Record<string, SourceSpecification> {
  const data: FeatureCollection = {
    type: 'FeatureCollection',
    features: start
      ? [
          {
            type: 'Feature',
            geometry: { type: 'Point', coordinates: [start.lon, start.lat] },
            properties: { label: start.label },
          },
        ]
      : [],
  }
  return { [START]: { type: 'geojson', data } }
}

/** A ring around a dot, which no target looks like, and its name in words. */
export function startLayers(palette: Palette): LayerSpecification[] {
  return [
    {
      id: START,
      type: 'circle',
      source: START,
      paint: {
        'circle-radius': 9,
        'circle-color': palette.halo,
        'circle-stroke-color': palette.pick,
        'circle-stroke-width': 3,
      },
    },
    {
      id: `${START}-dot`,
      type: 'circle',
      source: START,
      paint: { 'circle-radius': 3.5, 'circle-color': palette.pick },
    },
    {
      id: `${START}-name`,
      type: 'symbol',
      source: START,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 13,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 1.1,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 2.4 },
    },
  ]
}
