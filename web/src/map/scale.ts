/** Zoom and true scale: what a printed map needs. */
import type { Box } from '../api/types'
import type { Place } from '../state/url'

const EARTH_M = 40_075_016.686
const TILE_PX = 512
/** A CSS pixel on paper, metres. */
export const PIXEL_M = 0.0254 / 96
/** Scales that rulers know. */
const SCALES = [
  500, 1000, 2000, 2500, 5000, 10_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 75_000, 100_000, 200_000,
  500_000, 1_000_000,
]

export interface Framed extends Place {
  /** One to this many. */
  scale: number
}

/** The largest round scale at which a box fits a frame (CSS pixels), and the view that shows it so. */
export function framed([west, south, east, north]: Box, width: number, height: number): Framed {
  const lat = (south + north) / 2
  const degree = EARTH_M / 360
  const wide = (east - west) * degree * Math.cos((lat * Math.PI) / 180)
  const high = (north - south) * degree
  const least = Math.max(wide / (width * PIXEL_M), high / (height * PIXEL_M))
  const scale = SCALES.find((one) => one >= least) ?? Math.ceil(least)
  const metresPerPixel = scale * PIXEL_M
  const zoom = Math.log2((EARTH_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * metresPerPixel))
  return { zoom: Math.min(zoom, 22), lat, lon: (west + east) / 2, scale }
}

/** The box around boxes, with a margin of this share of its size. */
export function around(boxes: readonly Box[], margin: number): Box | null {
  const [first, ...rest] = boxes
  if (!first) return null
  const [west, south, east, north] = rest.reduce<Box>(
    (sum, box) => [
      Math.min(sum[0], box[0]),
      Math.min(sum[1], box[1]),
      Math.max(sum[2], box[2]),
      Math.max(sum[3], box[3]),
    ],
    first,
  )
  const [dx, dy] = [(east - west) * margin, (north - south) * margin]
  return [west - dx, south - dy, east + dx, north + dy]
}
