import { expect, it } from 'vitest'
import { farthest, frame, pathOf, plane, ringsOf, roundLength, type Spot } from './outlines'

const square = (west: number, south: number, side: number): Spot[][] => [
  [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ],
]

it('measures how far borders are apart, whichever is the outer one', () => {
  expect(farthest(square(0, 0, 100), square(0, 0, 100))).toBe(0)
  expect(farthest(square(0, 0, 100), square(30, 0, 100))).toBe(30)
  // A corner in the middle of a longer border lies on it: only the far corners count.
  expect(farthest(square(0, 0, 100), square(0, 0, 140))).toBeCloseTo(40 * Math.SQRT2)
  expect(farthest(square(0, 0, 140), square(0, 0, 100))).toBeCloseTo(40 * Math.SQRT2)
  expect(farthest(square(0, 0, 100), [])).toBeNull()
})

it('draws all to one scale, north up', () => {
  const spots = [...square(0, 0, 100), ...square(100, 100, 100)].flat()
  const { scale, to } = frame(spots, 400, 200)
  expect(scale).toBe(1)
  expect(to([0, 0])).toEqual([100, 200])
  expect(to([200, 200])).toEqual([300, 0])
  expect(pathOf(square(0, 0, 100), to)).toBe('M100.0 200.0L200.0 200.0L200.0 100.0L100.0 100.0L100.0 200.0Z')
})

it('has a degree of latitude as long as one of longitude at the equator, and half that at 60 degrees', () => {
  const at = plane({ lon: 10, lat: 60 })
  expect(at(10, 61)[1] / at(11, 60)[0]).toBeCloseTo(2)
})

it('reads rings of one polygon or several, and nothing of the rest', () => {
  const ring = [
    [1, 2],
    [3, 4],
  ]
  expect(ringsOf({ type: 'Polygon', coordinates: [ring] })).toEqual([ring])
  expect(ringsOf({ type: 'MultiPolygon', coordinates: [[ring], [ring]] })).toEqual([ring, ring])
  expect(ringsOf({ type: 'Point', coordinates: [1, 2] })).toEqual([])
  expect(ringsOf(null)).toEqual([])
})

it.each([
  [1, 1],
  [4.9, 2],
  [5, 5],
  [99, 50],
  [0.3, 0.2],
])('at most %d m is a bar of %d m', (most, bar) => expect(roundLength(most)).toBeCloseTo(bar))
