import { afterEach, describe, expect, it } from 'vitest'
import { isPast, localDay } from './day'

const zone = process.env['TZ']
afterEach(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

describe.each([
  // At this moment it is still the 29th in London, the 30th in Shanghai; in Los Angeles it is midday of the 29th.
  ['Asia/Shanghai', '2026-11-30', '2026-12-01'],
  ['Europe/London', '2026-11-29', '2026-11-30'],
  ['America/Los_Angeles', '2026-11-29', '2026-11-30'],
])('in %s', (name, today, tomorrow) => {
  const now = new Date('2026-11-29T20:00:00Z')
  it('takes the day of the place', () => {
    process.env['TZ'] = name
    expect([localDay(now), localDay(now, 1)]).toEqual([today, tomorrow])
  })
  it('counts the deadline’s own day', () => {
    process.env['TZ'] = name
    expect(isPast(today, now)).toBe(false)
    expect(isPast(localDay(now, -1), now)).toBe(true)
  })
})

it('crosses months, years and changes of the clock', () => {
  process.env['TZ'] = 'Europe/Berlin'
  expect(localDay(new Date('2027-03-28T00:30:00+01:00'), 1)).toBe('2027-03-29')
  expect(localDay(new Date('2026-10-25T00:30:00+02:00'), 1)).toBe('2026-10-26')
  expect(localDay(new Date('2026-12-31T12:00:00Z'), 1)).toBe('2027-01-01')
  expect(localDay(new Date('2027-01-01T12:00:00Z'), -180)).toBe('2026-07-05')
})
