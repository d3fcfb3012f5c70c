/** The ground of the field app's map: base map and constraints as everywhere else, from the shapes that are on the device instead of tiles. */
import type { FeatureCollection } from 'geojson'
import type { GeoJSONSourceSpecification, LayerSpecification } from 'maplibre-gl'
import type { Collection, Lang } from '../api/types'
import { baseLayers } from './basestyle'
import { sourceOf } from './names'
import { overlay } from './overlaystyle'
import type { Palette } from './palette'

export interface Ground {
  baseMap: readonly Collection[]
  overlays: readonly Collection[]
  /** Features of all of them, each with its collection. */
  shapes: FeatureCollection
  lang: Lang
}

/** A source for each layer, by its name. */
export function groundSources({ baseMap, overlays, shapes }: Ground): Record<string, GeoJSONSourceSpecification> {
  const sources: Record<string, GeoJSONSourceSpecification> = {}
  for (const { key } of [...baseMap, ...overlays]) {
    const features = shapes.features.filter((one) => one.properties?.['collection'] === key)
    sources[sourceOf(key)] = { type: 'geojson', data: { type: 'FeatureCollection', features } }
  }
  return sources
}

/** Layers below the carriers, and names above them. */
export function groundLayers({ baseMap, overlays, lang }: Ground, palette: Palette) {
  const base = baseLayers(baseMap, palette, lang)
  const over = overlays.flatMap((one) => overlay(one, palette).map((layer) => plain(layer, palette)))
  return { under: [...base.under, ...over].map(local), over: base.over.map(local) }
}

/** Shapes of the device have no layers within their source. */
function local(layer: LayerSpecification): LayerSpecification {
  const { 'source-layer': _none, ...rest } = layer as LayerSpecification & { 'source-layer'?: string }
  return rest as LayerSpecification
}

/** Hatching needs pictures; in the field a tint does. */
function plain(layer: LayerSpecification, palette: Palette): LayerSpecification {
  if (layer.type !== 'fill' || !layer.paint?.['fill-pattern']) return layer
  const colour = layer.paint['fill-pattern'] === 'hatch-exclude' ? palette.exclude : palette.restrict
  return { ...layer, paint: { 'fill-color': colour, 'fill-opacity': 0.12 } }
}
