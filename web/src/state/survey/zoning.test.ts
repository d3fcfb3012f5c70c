import { describe, expect, it } from 'vitest'
import type { Campaign, Target, Zone } from '../../api/survey'
import { around, crossesItself, isInside, polygonOfRing } from './ground'
import { draftOf, freeKey, give, letterOf, loadsOf, minutesOf, zonesOf } from './zoning'

const target = (code: string, lon: number, lat: number, zone: string | null = null) =>
  ({
    code,
    record: code,
    collection: 'parcels',
    point: [lon, lat],
    zone,
    state: 'open',
    visit: null,
  }) as unknown as Target
const box = (west: number, south: number, east: number, north: number) =>
  polygonOfRing([
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ])
const zone = (key: string, codes: string[], polygon: Zone['polygon'] = null): Zone => ({
  key,
  name: key,
  codes,
  polygon,
  team: 'a',
  day: null,
})
const TARGETS = [target('P-1', 0.001, 0.001, 'x'), target('P-2', 0.003, 0.001, 'x'), target('P-3', 0.005, 0.001, 'y')]

describe('the ground', () => {
  it('knows what lies inside', () => {
    const l = polygonOfRing([
      [0, 0],
      [4, 0],
      [4, 1],
      [1, 1],
      [1, 4],
      [0, 4],
    ])
    expect([isInside(l, [0.5, 3]), isInside(l, [3, 0.5]), isInside(l, [3, 3]), isInside(l, null)]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
  it('goes around places, and each lies inside', () => {
    const points = TARGETS.map((one) => one.point ?? [])
    const outline = around(points)
    expect(points.every((point) => isInside(outline, point))).toBe(true)
    expect(isInside(outline, [0.003, 0.01])).toBe(false)
    expect(around([])).toBeNull()
  })
  it('tells an outline that crosses itself', () => {
    const square = [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const
    expect(crossesItself(square)).toBe(false)
    expect(crossesItself([square[0], square[2], square[1], square[3]])).toBe(true)
  })
})

describe('zones', () => {
  it('go by code first, then by the first ground', () => {
    const zones = [zone('x', ['P-3'], box(0, 0, 0.004, 0.002)), zone('y', [], box(0, 0, 1, 1))]
    expect([...zonesOf(zones, TARGETS)]).toEqual([
      ['P-1', 'x'],
      ['P-2', 'x'],
      ['P-3', 'x'],
    ])
  })
  it('take from one another: every target is in one zone, and outlines say so', () => {
    const zones = [zone('x', ['P-1', 'P-2'], box(0, 0, 0.004, 0.002)), zone('y', ['P-3'])]
    const shape = box(0.002, 0, 0.006, 0.002)
    const made = give(zones, { to: zone('z', []), codes: new Set(['P-2', 'P-3']), shape }, TARGETS)
    expect(made.map((one) => [one.key, one.codes])).toEqual([
      ['x', ['P-1']],
      ['z', ['P-2', 'P-3']],
    ])
    expect(made[1]?.polygon).toEqual(shape)
    expect(isInside(made[0]?.polygon, [0.003, 0.001])).toBe(false)
    expect(isInside(made[0]?.polygon, [0.001, 0.001])).toBe(true)
  })
  it('grow: an outline that does not hold all is drawn anew', () => {
    const zones = [zone('x', ['P-1'], box(0, 0, 0.002, 0.002)), zone('y', ['P-2', 'P-3'])]
    const grown = give(zones, { to: zone('x', []), codes: new Set(['P-2']), shape: null }, TARGETS)
    expect(grown.map((one) => one.codes)).toEqual([['P-1', 'P-2'], ['P-3']])
    expect(isInside(grown[0]?.polygon, [0.003, 0.001])).toBe(true)
  })
  it('have letters and keys of their own', () => {
    expect([0, 25, 26, 52].map(letterOf)).toEqual(['A', 'Z', 'AA', 'BA'])
    expect(freeKey([zone('z2', []), zone('z3', [])])).toBe('z4')
  })
})

describe('work', () => {
  it('is visits and the way from the start', () => {
    const start = { lon: 0.001, lat: 0.001 }
    // Four thousandths of a degree on the equator: 445 m at 250 m a minute.
    expect(minutesOf(TARGETS, { minutes: { parcels: 10 }, start })).toBeCloseTo(30 + 444.8 / 250, 1)
    expect(minutesOf([], { minutes: {}, start: null })).toBe(0)
    const many = Array.from({ length: 400 }, (_, at) => target(`P-${at}`, (at % 20) / 1000, Math.floor(at / 20) / 1000))
    const grid = minutesOf(many, { minutes: { parcels: 0 }, start: null }) * 250
    // The shortest way through a grid of 20 by 20 is 399 steps of 111 m; the estimate may be a third off.
    expect(grid).toBeGreaterThan(399 * 111 * 0.66)
    expect(grid).toBeLessThan(399 * 111 * 1.33)
  })
  it('of a zone that stays is what the server says', () => {
    const saved = { ...zone('x', []), minutes: 77, signed: null, numbers: {} }
    const campaign = { zones: [saved], targets: TARGETS, minutes: { parcels: 10 }, start: null } as unknown as Campaign
    const [x] = draftOf(campaign)
    expect(x?.codes).toEqual(['P-1', 'P-2'])
    expect(loadsOf([x ?? zone('x', [])], campaign).map((one) => [one.minutes, one.targets, one.letter])).toEqual([
      [77, 2, 'A'],
    ])
    expect(loadsOf([zone('x', ['P-1'])], campaign)[0]?.minutes).toBe(10)
  })
})
