/** Plane geometry of zones, on lon/lat as it stands: a park is small. Pure. */
import type { Geometry, Polygon, Position } from 'geojson'

export type Ring = readonly (readonly [number, number])[]

/** Ground around the outermost targets of a zone that was not painted, degrees (about 50 m). */
const MARGIN = 0.0005

export function polygonOfRing(ring: Ring): Polygon {
  const first = ring[0]
  const closed = first ? [...ring, first] : []
  return { type: 'Polygon', coordinates: [closed.map(([lon, lat]) => [round(lon), round(lat)])] }
}

/** Seven digits are a centimetre. */
const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7

/** Whether a place lies in a polygon; on its edge counts as inside, up to rounding. */
export function isInside(geometry: Geometry | null | undefined, point: readonly number[] | null): boolean {
  if (geometry?.type !== 'Polygon' || !point) return false
  const [x = 0, y = 0] = point
  return geometry.coordinates.reduce((inside, ring) => inside !== crossesOdd(ring, x, y), false)
}

function crossesOdd(ring: readonly Position[], x: number, y: number): boolean {
  let odd = false
  for (let at = 0; at + 1 < ring.length; at += 1) {
    const [ax = 0, ay = 0] = ring[at] ?? []
    const [bx = 0, by = 0] = ring[at + 1] ?? []
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd
  }
  return odd
}

/** The outline around some places, with a margin; nothing for no place. */
export function around(points: readonly (readonly number[])[]): Polygon | null {
  const corners = points.flatMap(([x = 0, y = 0]) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((turn): [number, number] => [
      x + MARGIN * Math.cos((turn * Math.PI) / 4),
      y + MARGIN * Math.sin((turn * Math.PI) / 4),
    ]),
  )
  const ring = hull(corners)
  return ring.length >= 3 ? polygonOfRing(ring) : null
}

/** Convex hull, by Andrew's monotone chain (1979). */
function hull(points: readonly [number, number][]): [number, number][] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (list: readonly [number, number][]) => {
    const out: [number, number][] = []
    for (const point of list) {
      while (out.length >= 2 && turn(out.at(-2), out.at(-1), point) <= 0) out.pop()
      out.push(point)
    }
    return out.slice(0, -1)
  }
  return [...half(sorted), ...half([...sorted].reverse())]
}

/** Above zero when the way from a over b to c turns left. */
function turn(a: readonly number[] = [], b: readonly number[] = [], c: readonly number[] = []): number {
  const [ax = 0, ay = 0] = a
  const [bx = 0, by = 0] = b
  const [cx = 0, cy = 0] = c
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/** Whether an outline crosses itself: then nobody can say what lies inside. */
export function crossesItself(ring: Ring): boolean {
  const edges = ring.map((from, at) => [from, ring[(at + 1) % ring.length] ?? from] as const)
  return edges.some(([a, b], first) =>
    edges.some(([c, d], second) => {
      const neighbours = second <= first + 1 || (first === 0 && second === edges.length - 1)
      return !neighbours && turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0
    }),
  )
}
