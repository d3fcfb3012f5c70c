import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { bearing, distance, distanceToShape, type LonLat } from './geo'
import { order, pathLength } from './route'

const START: LonLat = [120.98, 31.86]
const place = fc.tuple(
  fc.double({ min: 120.94, max: 121.06, noNaN: true }),
  fc.double({ min: 31.79, max: 31.98, noNaN: true }),
)

describe('distances', () => {
  it('agree with the sphere', () => {
    // One minute of latitude is a nautical mile, 1852 m, within the flattening of the earth.
    expect(distance(START, [120.98, 31.86 + 1 / 60])).toBeCloseTo(1853, -1)
    expect(bearing(START, [120.98, 31.9])).toBeCloseTo(0)
    expect(bearing(START, [121.0, 31.86])).toBeCloseTo(90, 1)
    expect(bearing(START, [120.9, 31.86])).toBeCloseTo(270, 1)
  })

  it('to a shape are 0 inside and to the nearest edge outside', () => {
    const ring = [
      [120.98, 31.86],
      [120.99, 31.86],
      [120.99, 31.87],
      [120.98, 31.87],
      [120.98, 31.86],
    ]
    const square = { type: 'Polygon' as const, coordinates: [ring] }
    expect(distanceToShape([120.985, 31.865], square, null)).toBe(0)
    expect(distanceToShape([120.985, 31.859], square, null)).toBeCloseTo(111.2, 0)
    expect(distanceToShape([120.985, 31.865], null, null)).toBeNull()
    const holed = {
      ...square,
      coordinates: [ring, ring.map(([x = 0, y = 0]) => [(x - 120.985) / 2 + 120.985, (y - 31.865) / 2 + 31.865])],
    }
    expect(distanceToShape([120.985, 31.865], holed, null)).toBeGreaterThan(200)
  })
})

describe('the order of visits', () => {
  it('visits each stop once and is no longer than the order given', () => {
    fc.assert(
      fc.property(fc.array(place, { maxLength: 25 }), (stops) => {
        const path = order(START, stops)
        expect([...path].sort((a, b) => a - b)).toEqual(stops.map((_, at) => at))
        const given = stops.map((_, at) => at)
        // From the same first stop on, 2-opt never ends longer than nearest-first, which may be worse than the order given only by chance.
        expect(pathLength(START, stops, path)).toBeLessThanOrEqual(pathLength(START, stops, given) * 1.5 + 1)
      }),
      { seed: 3 },
    )
  })

  it('untangles a crossing', () => {
    const stops: LonLat[] = [
      [120.98, 31.87],
      [120.99, 31.86],
      [120.98, 31.88],
      [120.99, 31.89],
    ]
    const best = Math.min(...permutations([0, 1, 2, 3]).map((path) => pathLength(START, stops, path)))
    expect(pathLength(START, stops, order(START, stops))).toBeCloseTo(best, 0)
  })
})

function permutations(of: number[]): number[][] {
  if (of.length < 2) return [of]
  return of.flatMap((one) => permutations(of.filter((other) => other !== one)).map((rest) => [one, ...rest]))
}
