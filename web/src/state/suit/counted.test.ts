import { describe, expect, it } from 'vitest'
import type { Suitability } from '../../api/types'
import { barsIn, codesIn, countedIn, fitIn, flagsIn, notNeeded, unknownIn, withCode } from './counted'

const bars = { attribute: 'area', kind: 'histogram', unknown: 2, unit: 'm2', min: 0, max: 20 } as const
const answer = {
  facets: {
    parcels: [
      { attribute: 'use', kind: 'codes', unknown: 1, counts: [{ code: 'a', count: 2, total: 5 }] },
      {
        ...bars,
        bins: [
          { from: 0, to: 10, count: 3, total: 7 },
          { from: 10, to: 20, count: 1, total: 1 },
        ],
      },
      { attribute: 'idle', kind: 'flag', unknown: 0, yes: 4, no: 6 },
    ],
    buildings: [
      {
        attribute: 'use',
        kind: 'codes',
        unknown: 3,
        counts: [
          { code: 'a', count: 1, total: 1 },
          { code: 'b', count: 0, total: 9 },
        ],
      },
      { ...bars, bins: [] },
    ],
  },
} as unknown as Suitability
const both = ['parcels', 'buildings']

describe('counts of values in an answer', () => {
  it('adds codes and unknown over the collections that are meant, and no others', () => {
    const use = countedIn(answer, 'use', both)
    expect([...(codesIn(use) ?? [])]).toEqual([
      ['a', { count: 3, total: 6 }],
      ['b', { count: 0, total: 9 }],
    ])
    expect(unknownIn(use)).toBe(4)
    expect(codesIn(countedIn(answer, 'use', ['parcels']))?.has('b')).toBe(false)
    expect(codesIn(countedIn(answer, 'idle', both))).toBeUndefined()
    expect(codesIn(countedIn(null, 'use', both))).toBeUndefined()
    expect(flagsIn(countedIn(answer, 'idle', both))).toEqual({ yes: 4, no: 6 })
  })

  it('has bars only where they are of one collection', () => {
    const one = barsIn(countedIn(answer, 'area', ['parcels']))
    expect(one && fitIn(one)).toBe(4)
    expect(barsIn(countedIn(answer, 'area', both))).toBeUndefined()
    expect(barsIn(countedIn(answer, 'area', ['buildings']))).toBeUndefined()
  })

  it('names what is counted and not needed yet', () => {
    expect(notNeeded(answer, [{ attribute: 'area', min: 3 }], both)).toEqual(['use', 'idle'])
  })

  it('takes a code in and out and keeps the rest of the need', () => {
    const need = { attribute: 'use', any_of: ['a'], unknown: 'accept' } as const
    expect(withCode({ ...need, any_of: ['a'] }, 'b')).toEqual({ ...need, any_of: ['a', 'b'] })
    expect(withCode({ ...need, any_of: ['a'] }, 'a')).toEqual({ ...need, any_of: [] })
    expect(withCode({ attribute: 'use', at_least: 'c' }, 'a')).toEqual({ attribute: 'use', any_of: ['a'] })
  })
})
