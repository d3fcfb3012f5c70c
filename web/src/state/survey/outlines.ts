/** Outlines over each other to one scale, and how far their borders are apart. Pure; metres east and north of an origin, good enough for one record. */
import type { Geometry, Position } from 'geojson'

export type Spot = readonly [east: number, north: number]

const METRES_PER_DEGREE = 111_200

export function ringsOf(geometry: unknown): Position[][] {
  const shape = geometry as Geometry | null | undefined
  if (shape?.type === 'Polygon') return shape.coordinates
  return shape?.type === 'MultiPolygon' ? shape.coordinates.flat() : []
}

/** From degrees to metres around an origin. */
export function plane(origin: { lon: number; lat: number }) {
  const east = METRES_PER_DEGREE * Math.cos((origin.lat * Math.PI) / 180)
  return (lon: number, lat: number): Spot => [(lon - origin.lon) * east, (lat - origin.lat) * METRES_PER_DEGREE]
}

export interface Frame {
  /** Pixels of a metre. */
  scale: number
  to: (spot: Spot) => Spot
}

/** All of the spots in the middle of a picture of this size; nothing is drawn larger than so that `LEAST_M` fill it. */
export function frame(spots: readonly Spot[], width: number, height: number): Frame {
  const LEAST_M = 20
  const [xs, ys] = [spots.map((one) => one[0]), spots.map((one) => one[1])]
  const [west, south, east, north] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
  const scale = Math.min(width / Math.max(east - west, LEAST_M), height / Math.max(north - south, LEAST_M))
  const [x, y] = [(west + east) / 2, (south + north) / 2]
  return { scale, to: (spot) => [width / 2 + (spot[0] - x) * scale, height / 2 - (spot[1] - y) * scale] }
}

export function pathOf(rings: readonly (readonly Spot[])[], to: Frame['to']): string {
  const corner = (spot: Spot) =>
    to(spot)
      .map((part) => part.toFixed(1))
      .join(' ')
  return rings.map((ring) => `M${ring.map(corner).join('L')}Z`).join('')
}

/** The longest round length up to this one. */
export function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most))
  return power * ([5, 2, 1].find((one) => one * power <= most) ?? 1)
}

/** How far a border lies from another where they are farthest apart, metres: a corner is always the farthest. Nothing where one has no border. */
export function farthest(a: readonly (readonly Spot[])[], b: readonly (readonly Spot[])[]): number | null {
  if (a.length === 0 || b.length === 0) return null
  return Math.max(oneWay(a, b), oneWay(b, a))
}

function oneWay(from: readonly (readonly Spot[])[], to: readonly (readonly Spot[])[]): number {
  const edges = to.flatMap((ring) => ring.slice(1).map((end, at) => [ring[at] ?? end, end] as const))
  const nearest = (spot: Spot) => Math.min(...edges.map(([start, end]) => toEdge(spot, start, end)))
  return Math.max(...from.flat().map(nearest))
}

function toEdge([x, y]: Spot, [ax, ay]: Spot, [bx, by]: Spot): number {
  const [dx, dy] = [bx - ax, by - ay]
  const long = dx * dx + dy * dy
  const along = long === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long))
  return Math.hypot(x - ax - along * dx, y - ay - along * dy)
}
