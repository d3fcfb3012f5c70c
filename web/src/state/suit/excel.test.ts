import { describe, expect, it } from 'vitest'
import { readSheet } from 'read-excel-file/node'
import write from 'write-excel-file/node'
import type { Suitability, Suited } from '../../api/types'
import { workbookOf, type Wording } from './excel'

const how: Wording = {
  text: (key) => key,
  nameAt: (path) => `name of ${path}`,
  given: (value, unit) => `${JSON.stringify(value)} ${unit ?? ''}`.trim(),
  attributeAt: () => undefined,
  collectionName: (key) => key,
  unitName: (unit) => unit ?? '',
  freshness: () => 'seen 3 days ago',
}
const item = (code: string, more: object): Suited =>
  ({
    code,
    collection: 'parcels',
    name: '=HYPERLINK("x")',
    score: 71.26,
    rank: 1,
    gates: [
      { gate: 'needs[0]', state: 'pass', value: 72.5, unit: 'mu' },
      { gate: 'needs[1]', state: 'unknown', value: null, unit: null },
    ],
    points: [{ wish: 'wishes[0]', points: 30.04, value: '2027-03-01', unit: null }],
    ...more,
  }) as unknown as Suited
const answer = {
  gates: [
    { gate: 'needs[0]', unit: 'mu' },
    { gate: 'needs[1]', unit: null },
  ],
  wishes: [{ wish: 'wishes[0]', unit: null }],
  results: [item('P-0001', {})],
  near_misses: [item('P-0002', { rank: undefined, failed: { gate: 'needs[0]', gap: 3.5, unit: 'mu' } })],
  unknowns: [],
} as unknown as Suitability

describe('the workbook', () => {
  it('is read back as what it says: numbers, days, texts that are no formulas', async () => {
    const file = await write(workbookOf(answer, '{\n}', how) as never).toBuffer()
    const [head, row] = await readSheet(file, 'excelResults')
    expect(head).toContain('name of needs[0] (mu)')
    expect(row?.slice(0, 8)).toEqual([
      1,
      'P-0001',
      'parcels',
      '=HYPERLINK("x")',
      71.3,
      72.5,
      'gate.unknown',
      new Date('2027-03-01'),
    ])
    expect(row?.[8]).toBe(30)
    const [, near] = await readSheet(file, 'excelNear')
    expect(near?.slice(5, 7)).toEqual(['name of needs[0]', '3.5 mu'])
    expect(await readSheet(file, 'excelAsked')).toEqual([['{'], ['}']])
  })
})
