import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyState, formatState, parseState, subjectOf, subjects, without, type PageState } from './url'

const key = fc
  .stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
  .filter(
    (text) =>
      !Object.hasOwn(emptyState(), text) && text !== 'filters' && text !== 'as_of' && !(text in Object.prototype),
  )
const code = fc.stringMatching(/^[A-Z]-[0-9]{1,4}$/)
const coordinate = (limit: number) =>
  fc.integer({ min: -limit * 1e5, max: limit * 1e5 }).map((whole) => whole / 1e5 + 0)
const state: fc.Arbitrary<PageState> = fc.record({
  lang: fc.constantFrom(null, 'zh' as const, 'en' as const, 'de' as const),
  codes: fc.constantFrom([], ['P-0001'], ['P-0001', 'B-0002-2F-E']),
  kept: fc.constantFrom(null, '0192f0c1-0000-7000-8000-000000000001@17'),
  collection: fc.constantFrom('parcels', 'buildings', 'units'),
  filters: fc.dictionary(key, fc.string({ minLength: 1, unit: 'binary' }), { noNullPrototype: true }),
  bbox: fc.oneof(
    fc.constant(null),
    fc
      .tuple(coordinate(180), coordinate(90), fc.integer({ min: 1, max: 99 }))
      .map(([west, south, size]): PageState['bbox'] => [west, south, west + size / 64, south + size / 64]),
  ),
  sort: fc.constantFrom('', '-area,code', 'rent'),
  at: fc.oneof(
    fc.constant(null),
    fc
      .tuple(fc.integer({ min: 0, max: 220 }), coordinate(85), coordinate(180))
      .map(([zoom, lat, lon]) => ({ zoom: zoom / 10, lat, lon })),
  ),
  asOf: fc.constantFrom(null, '2026-11-01', '17', '2026-11-01T08:00:00+08:00'),
  pick: fc.oneof(fc.constant(null), code),
  compare: fc.uniqueArray(code, { maxLength: 6 }),
  comparing: fc.boolean(),
  follow: fc.boolean(),
  layers: fc.oneof(fc.constant(null), fc.uniqueArray(fc.stringMatching(/^[a-z_]{1,9}$/), { maxLength: 4 })),
  view: fc.constantFrom('both' as const, 'list' as const, 'map' as const),
})

describe('the address is the state', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(state, (one) => {
        expect(parseState(formatState(one))).toEqual(one)
      }),
      { seed: 20261124, numRuns: 500 },
    )
  })

  it('writes the same text for what it read', () => {
    fc.assert(
      fc.property(state, (one) => {
        const text = formatState(one)
        expect(formatState(parseState(text))).toBe(text)
      }),
      { seed: 7, numRuns: 300 },
    )
  })

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = parseState(text)
        expect(parseState(formatState(once))).toEqual(once)
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('leaves defaults out', () => {
    expect(formatState(emptyState())).toBe('')
  })

  // Links that were sent before must keep their meaning. Add, never change.
  const OLD_LINKS: [string, Partial<PageState>][] = [
    ['?area_min=60&area_max=90&area_unit=mu', { filters: { area_min: '60', area_max: '90', area_unit: 'mu' } }],
    ['?collection=units&q=hall&sort=-area', { collection: 'units', filters: { q: 'hall' }, sort: '-area' }],
    [
      '?bbox=120.9,31.8,121,31.9&at=12.5/31.85/120.95&lang=de',
      { bbox: [120.9, 31.8, 121, 31.9], at: { zoom: 12.5, lat: 31.85, lon: 120.95 }, lang: 'de' },
    ],
    ['?compare=P-0001,P-0002&comparing=1', { compare: ['P-0001', 'P-0002'], comparing: true }],
    ['?follow=0&layers=&view=map&pick=P-0417', { follow: false, layers: [], view: 'map', pick: 'P-0417' }],
    ['?as_of=2026-11-01', { asOf: '2026-11-01' }],
    ['?at=2026-11-01', { asOf: '2026-11-01' }],
    ['?as_of=yesterday', {}],
    ['?bbox=1,2,3&at=99/1/2&lang=fr&view=x', {}],
  ]
  it.each(OLD_LINKS)('still reads %s', (text, expected) => {
    expect(parseState(text)).toEqual({ ...emptyState(), ...expected })
  })
})

describe('subjects of filters', () => {
  const known = (name: string) => ['area', 'rent', 'power_max'].includes(name)
  it('knows an attribute from its parameters', () => {
    expect(subjectOf('area_min', known)).toBe('area')
    expect(subjectOf('area_unknown', known)).toBe('area')
    expect(subjectOf('power_max', known)).toBe('power_max')
    expect(subjectOf('q', known)).toBe('q')
  })
  it('lists and removes them whole', () => {
    const filters = { area_min: '1', area_unit: 'mu', q: 'x', rent_unit: 'x' }
    expect(subjects(filters, known)).toEqual(['area', 'q'])
    expect(without(filters, 'area', known)).toEqual({ q: 'x', rent_unit: 'x' })
  })
})
