import { describe, expect, it } from 'vitest'
import { cell } from './csv'

describe('a cell of the list', () => {
  it.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "so"', '"say ""so"""'],
    ['-3.5', '-3.5'],
    ['=1+1', "'=1+1"],
    ['@cmd', "'@cmd"],
    ['-cmd', "'-cmd"],
    ['two\nlines', '"two\nlines"'],
  ])('%j is written %j', (text, expected) => {
    expect(cell(text)).toBe(expected)
  })
})
