import { describe, expect, it } from 'vitest'
import { setInterval, setPlain, toggleCode, toggleUnknown } from './edit'

describe('filters of one attribute', () => {
  it('sets and clears an interval with its unit', () => {
    const set = setInterval({ q: 'x' }, 'size', '60', null, 'mu')
    expect(set).toEqual({ q: 'x', size_min: '60', size_unit: 'mu' })
    expect(setInterval(set, 'size', null, null, 'mu')).toEqual({ q: 'x' })
  })
  it('adds and takes out codes', () => {
    const two = toggleCode({ use: '11' }, 'use', '10')
    expect(two).toEqual({ use: '10,11' })
    expect(toggleCode({ use: '10' }, 'use', '10')).toEqual({})
  })
  it('asks for unknown alone or besides', () => {
    expect(toggleUnknown({}, 'use')).toEqual({ use_unknown: 'only' })
    expect(toggleUnknown({ use: '10' }, 'use')).toEqual({ use: '10', use_unknown: 'include' })
    expect(toggleCode({ use_unknown: 'only' }, 'use', '10')).toEqual({ use: '10', use_unknown: 'include' })
    expect(setPlain({ use: 'true', use_unknown: 'include' }, 'use', null)).toEqual({ use_unknown: 'only' })
    expect(toggleUnknown({ use_unknown: 'exclude' }, 'use')).toEqual({})
  })
})
