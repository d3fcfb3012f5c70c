import { describe, expect, it } from 'vitest'
import { byDay, current, daysOf } from './days'
import type { Progress, Row } from './view'

const row = (code: string, zone: string | null, progress: Progress = 'open') =>
  ({ target: { code, zone }, progress }) as unknown as Row
const zones = [
  { key: 'mon', name: 'Monday', polygon: null, day: '2026-11-30' },
  { key: 'sun', name: 'Sunday', polygon: null, day: '2026-11-29' },
  { key: 'tue', name: 'Tuesday', polygon: null, day: '2026-12-01' },
  { key: 'any', name: 'Any day', polygon: null, day: null },
]
const all = [
  row('A', 'sun'),
  row('B', 'mon'),
  row('C', 'tue'),
  row('D', 'mon', 'confirmed'),
  row('E', 'any'),
  row('F', null),
]
const on = (today: string, rows = all) => byDay(rows, daysOf(zones), today)

describe('the list by days', () => {
  it('has today first, then what was due before, then what comes, and what has no day last', () => {
    const told = on('2026-11-30').map(({ day, when, rows }) => [day, when, rows.map((one) => one.target.code).join('')])
    expect(told).toEqual([
      ['2026-11-30', 'today', 'BD'],
      ['2026-11-29', 'overdue', 'A'],
      ['2026-12-01', 'later', 'C'],
      [null, 'undated', 'EF'],
    ])
    expect(on('2026-12-02').map((one) => one.day)).toEqual(['2026-11-29', '2026-11-30', '2026-12-01', null])
  })

  it('is at the first day with something left', () => {
    expect(current(on('2026-11-30'))?.day).toBe('2026-11-30')
    const done = all.map((one) => (one.target.code === 'B' ? row('B', 'mon', 'changed') : one))
    expect(current(on('2026-11-30', done))?.day).toBe('2026-11-29')
    expect(current(on('2026-11-30', [row('D', 'mon', 'confirmed')]))?.day).toBe('2026-11-30')
    expect(current([])).toBeUndefined()
  })
})
