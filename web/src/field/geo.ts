/** Distances on the few kilometres of a park. Degrees in, metres out. */
import type { Geometry, Position as Coordinates } from 'geojson'

export type LonLat = readonly [lon: number, lat: number]

const METRES_PER_DEGREE = 111_195
const rad = (degrees: number) => (degrees * Math.PI) / 180

/** Metres east and north of `from`. Good to 0.1 % within 20 km. */
export function offset(from: LonLat, to: LonLat): [east: number, north: number] {
  const middle = rad((from[1] + to[1]) / 2)
  return [(to[0] - from[0]) * METRES_PER_DEGREE * Math.cos(middle), (to[1] - from[1]) * METRES_PER_DEGREE]
}

export function distance(from: LonLat, to: LonLat): number {
  return Math.hypot(...offset(from, to))
}

/** Degrees clockwise from north, 0 to 360. */
export function bearing(from: LonLat, to: LonLat): number {
  const [east, north] = offset(from, to)
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

/** Rings of a polygon or multipolygon; nothing else has an inside. */
export function ringsOf(geometry: Geometry | null): Coordinates[][] {
  if (geometry?.type === 'Polygon') return geometry.coordinates
  if (geometry?.type === 'MultiPolygon') return geometry.coordinates.flat()
  return []
}

/** Metres from a place to a shape; 0 inside of it. */
export function distanceToShape(from: LonLat, geometry: Geometry | null, point: LonLat | null): number | null {
  const rings = ringsOf(geometry)
  if (rings.length === 0) return point ? distance(from, point) : null
  let inside = false
  let nearest = Infinity
  for (const ring of rings)
    for (let at = 0; at + 1 < ring.length; at += 1) {
      const a = offset(from, asLonLat(ring[at]))
      const b = offset(from, asLonLat(ring[at + 1]))
      nearest = Math.min(nearest, toSegment(a, b))
      if (crosses(a, b)) inside = !inside
    }
  return inside ? 0 : nearest
}

function asLonLat(place: Coordinates | undefined): LonLat {
  return [place?.[0] ?? 0, place?.[1] ?? 0]
}

function toSegment([ax, ay]: [number, number], [bx, by]: [number, number]): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, -(ax * dx + ay * dy) / length))
  return Math.hypot(ax + along * dx, ay + along * dy)
}

/** Whether the edge crosses the ray that goes east from the origin. */
function crosses([ax, ay]: [number, number], [bx, by]: [number, number]): boolean {
  return ay > 0 !== by > 0 && ax + ((0 - ay) / (by - ay)) * (bx - ax) > 0
}
