import { describe, expect, it } from 'vitest'
import type { CodeNode } from './catalogue'
import { countsBelow, flattened } from './codes'

const node = (code: string, children: CodeNode[] = []): CodeNode => ({
  code: { code, parent: null, colour: null, names: { zh: code, en: code, de: code } },
  children,
})
const forest = [node('10', [node('1001', [node('100101'), node('100102')])]), node('11')]

describe('counts of codes', () => {
  it('adds what lies below, also where the code itself is the more frequent one', () => {
    const own = new Map([
      ['1001', { count: 5, total: 50 }],
      ['100101', { count: 2, total: 20 }],
      ['100102', { count: 0, total: 1 }],
    ])
    const sums = countsBelow(forest, own)
    expect(sums.get('1001')).toEqual({ count: 7, total: 71 })
    expect(sums.get('10')).toEqual({ count: 7, total: 71 })
    expect(sums.get('100102')).toEqual({ count: 0, total: 1 })
    expect(sums.get('11')).toEqual({ count: 0, total: 0 })
  })

  it('keeps order and depth', () => {
    expect(flattened(forest).map(({ node, depth }) => `${depth} ${node.code.code}`)).toEqual([
      '0 10',
      '1 1001',
      '2 100101',
      '2 100102',
      '0 11',
    ])
  })
})
