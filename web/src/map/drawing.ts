import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Palette } from './palette'

/** What a page draws over the base map. Its code lies with the page and loads with it. */
export interface Drawing {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
  /** Layers whose features can be pointed at, by their `code`. */
  pointed: readonly string[]
  /** Sources that keep what is pointed at. */
  stated: readonly { source: string; sourceLayer?: string }[]
  /** The image of this name, where it is one of the drawing's. */
  image: (name: string) => ImageData | null
}
export type Draw = (palette: Palette, tiles: (collection: string) => string) => Drawing
