import { describe, expect, it } from 'vitest'
import type { Attribute, CatalogueDoc, Lang, Names } from '../api/types'
import { Catalogue } from './catalogue'
import { formatAge, formatDate, formatNumber, formatSize, formatValue, type Formatter } from './format'

const same = (text: string): Names => ({ zh: text, en: text, de: text })
const plain = {
  collections: ['parcels'],
  help: same(''),
  group: 'g',
  source: '',
  visibility: 'public',
  searchable: true,
  editable: false,
  taxed: false,
  derived: false,
  criterion: null,
  facet: true,
  tile: true,
} as const
const area: Attribute = {
  ...plain,
  collections: ['parcels'],
  key: 'area',
  kind: 'number',
  unit: 'm2',
  decimals: 0,
  names: same('area'),
  units: [
    { key: 'm2', names: same('m²'), factor: 1 },
    { key: 'mu', names: { zh: '亩', en: 'mu', de: 'Mu' }, factor: 2000 / 3 },
    { key: 'ha', names: same('ha'), factor: 10000 },
  ],
}
const ratio: Attribute = {
  ...plain,
  collections: ['parcels'],
  key: 'ratio',
  kind: 'range',
  decimals: 2,
  names: same('ratio'),
  units: [{ key: '1', names: same(''), factor: 1 }],
}
const use: Attribute = { ...plain, collections: ['parcels'], key: 'use', kind: 'code', list: 'l', names: same('use') }
const doc: CatalogueDoc = {
  revision: 1,
  collections: [],
  groups: [],
  attributes: [area, ratio, use],
  lists: {
    l: {
      names: same('l'),
      ordered: false,
      codes: [{ code: '1', parent: null, colour: null, names: { zh: '工业', en: 'industry', de: 'Industrie' } }],
    },
  },
  lifecycles: {},
  viewer: { role: 'public', account: null, display_name: null },
}
const how = (lang: Lang): Formatter => ({ catalogue: new Catalogue(doc), lang, yes: 'yes', no: 'no' })
const text = (value: string) => value.replace(/\u202f/g, ' ')

describe('formats per locale', () => {
  it.each([
    ['en', '1,234,567.5'],
    ['de', '1.234.567,5'],
    ['zh', '1,234,567.5'],
  ] as const)('number in %s', (lang, expected) => {
    expect(formatNumber(1234567.5, lang, 1)).toBe(expected)
  })

  it.each([
    ['en', '40,000 m²'],
    ['de', '40.000 m²'],
    ['zh', '60 亩（40,000 m²）'],
  ] as const)('size of land in %s', (lang, expected) => {
    expect(text(formatSize(how(lang), area, 40000, true))).toBe(expected)
  })

  it('keeps the unit that was asked for', () => {
    expect(text(formatSize(how('de'), area, 41000, true, 'ha'))).toBe('4,1 ha')
    expect(text(formatSize(how('zh'), area, 40000, false))).toBe('40,000 m²')
  })

  it.each([
    [{ min: 1.2, max: 2 }, '1.2–2'],
    [{ min: 1.2 }, '≥ 1.2'],
    [{ max: 2, max_inclusive: false }, '< 2'],
    [{}, '?'],
  ])('interval %j', (value, expected) => {
    expect(formatValue(how('en'), ratio, value)).toBe(expected)
  })

  it('names codes and keeps unknown ones', () => {
    expect(formatValue(how('de'), use, '1')).toBe('Industrie')
    expect(formatValue(how('de'), use, '99')).toBe('99')
    expect(formatValue(how('de'), use, null)).toBe('?')
  })

  it.each([
    ['en', '1 Mar 2027', '12 days ago'],
    ['de', '1. März 2027', 'vor 12 Tagen'],
    ['zh', '2027年3月1日', '12天前'],
  ] as const)('dates in %s', (lang, day, age) => {
    expect(formatDate('2027-03-01', lang)).toBe(day)
    expect(formatAge('2026-11-12T00:00:00Z', lang, Date.UTC(2026, 10, 24))).toBe(age)
  })
})
