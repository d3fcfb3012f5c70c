import { describe, expect, it } from 'vitest'
import { copyName, differing } from './moves'

describe('scenarios beside each other', () => {
  const now = [
    { name: 'Area', text: '≥ 30 mu' },
    { name: 'Available by', text: '31 Aug' },
  ]

  it('marks what is asked otherwise and what is not asked any more', () => {
    expect(differing([{ name: 'Area', text: '≥ 60 mu' }], now)).toEqual([
      { name: 'Area', text: '≥ 60 mu', state: 'other' },
      { name: 'Available by', text: '31 Aug', state: 'gone' },
    ])
    expect(differing(now, now).every((one) => one.state === 'same')).toBe(true)
  })

  it.each([
    ['Plot', ['Plot'], 'Plot 2'],
    ['Plot', ['Plot', 'Plot 2'], 'Plot 3'],
    ['Plot 2', ['Plot', 'Plot 2', undefined], 'Plot 3'],
    ['Plot 7', ['Plot 7'], 'Plot 2'],
  ])('names a copy of %s beside %j', (name, taken, expected) => {
    expect(copyName(name, taken)).toBe(expected)
  })
})
