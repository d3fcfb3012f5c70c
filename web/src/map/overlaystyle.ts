/** Constraints and other layers over the base map: their look follows from their effect. */
import type { LayerSpecification } from 'maplibre-gl'
import type { Collection } from '../api/types'
import { FONT, sourceOf } from './names'
import type { Palette } from './palette'

export function overlay(one: Collection, palette: Palette): LayerSpecification[] {
  const effect = one.overlay?.effect ?? 'info'
  const common = { source: sourceOf(one.key), 'source-layer': one.key }
  const colour = effect === 'exclude' ? palette.exclude : effect === 'info' ? palette.info : palette.restrict
  const hatch: LayerSpecification[] =
    effect === 'exclude' || effect === 'restrict'
      ? [
          {
            ...common,
            id: `${one.key}-hatch`,
            type: 'fill',
            filter: ['==', ['geometry-type'], 'Polygon'],
            paint: { 'fill-pattern': `hatch-${effect}` },
          },
        ]
      : []
  return [
    ...hatch,
    {
      ...common,
      id: `${one.key}-line`,
      type: 'line',
      filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': colour, 'line-width': 1, 'line-dasharray': effect === 'exclude' ? [1, 0] : [4, 2] },
    },
    {
      ...common,
      id: `${one.key}-point`,
      type: 'circle',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 4,
        'circle-color': palette.halo,
        'circle-stroke-color': colour,
        'circle-stroke-width': 2,
      },
    },
    {
      ...common,
      id: `${one.key}-name`,
      type: 'symbol',
      minzoom: 13,
      filter: ['==', ['geometry-type'], 'Point'],
      layout: {
        'text-field': ['coalesce', ['get', 'name'], ''],
        'text-font': FONT,
        'text-size': 11,
        'text-offset': [0, 0.9],
        'text-anchor': 'top',
        'text-optional': true,
      },
      paint: { 'text-color': colour, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
    },
  ]
}
