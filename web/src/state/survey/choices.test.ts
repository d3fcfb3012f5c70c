import { describe, expect, it } from 'vitest'
import type { InboxItem } from '../../api/survey'
import { all, isReady, missing, NO_ANSWERS, request, verdictOf, writes } from './choices'

const field = (key: string) => ({ key, base: 1, mine: 2, theirs: 3 })
const base = { edit: 'e', record: 'r', collection: 'parcels', code: 'P-1', version: 4, successors: [], photos: [] }
const edit = { ...base, kind: 'edit', fields: [field('one'), field('two'), field('three')] } as unknown as InboxItem
const pair = {
  ...base,
  kind: 'contradiction',
  fields: [],
  percent: 1,
  own: { key: 'one', value: 5 },
  other: { key: 'two', value: 6 },
} as unknown as InboxItem

describe('what is chosen field by field', () => {
  it('takes what was sent where nothing was chosen', () => {
    expect(request(edit, 'approved', NO_ANSWERS)).toEqual({ edit: 'e', verdict: 'approved', expected_version: 4 })
  })

  it('says for each field what is written', () => {
    const choices = { one: { side: 'theirs' }, two: { side: 'own', value: 9 }, three: { side: 'mine' } } as const
    expect(verdictOf(edit, choices)).toBe('approved')
    expect(request(edit, 'approved', { choices, reason: ' seen ', follows: '' })).toEqual({
      edit: 'e',
      verdict: 'approved',
      reason: 'seen',
      set: { two: 9 },
      keep: ['one'],
      expected_version: 4,
    })
  })

  it('rejects where all stays as it is, and wants to know why', () => {
    const choices = all(edit, 'theirs')
    expect([writes(edit, choices), verdictOf(edit, choices)]).toEqual([false, 'rejected'])
    expect(isReady(edit, 'rejected', { ...NO_ANSWERS, choices })).toBe(false)
    const answers = { choices, reason: 'so', follows: '' }
    expect(isReady(edit, 'rejected', answers)).toBe(true)
    expect(request(edit, 'rejected', answers)).toEqual({ edit: 'e', verdict: 'rejected', reason: 'so' })
  })

  it('waits for own values, of which unknown is one', () => {
    const choices = { one: { side: 'own' } } as const
    expect(missing(edit, choices)).toEqual(['one'])
    expect(isReady(edit, 'approved', { ...NO_ANSWERS, choices })).toBe(false)
    const unknown = { ...NO_ANSWERS, choices: { one: { side: 'own', value: null } } } as const
    expect(isReady(edit, 'approved', unknown)).toBe(true)
    expect(request(edit, 'approved', unknown).set).toEqual({ one: null })
  })

  it('waits for the record that follows a closed one', () => {
    const next = { record: 'n', code: 'P-2', collection: 'parcels', version: 7 }
    const closed = { ...edit, closed: { reason: 'split', successors: ['P-2'] }, successors: [next] } as InboxItem
    expect(isReady(closed, 'approved', NO_ANSWERS)).toBe(false)
    const answers = { ...NO_ANSWERS, follows: 'n' }
    expect(request(closed, 'approved', answers)).toMatchObject({ record: 'n', expected_version: 7 })
  })

  it('lets both numbers stand, or corrects the one that was told, always with a reason', () => {
    expect(isReady(pair, 'approved', NO_ANSWERS)).toBe(false)
    const stand = request(pair, 'approved', { ...NO_ANSWERS, reason: 'road' })
    expect(stand).toEqual({ edit: 'e', verdict: 'approved', reason: 'road', expected_version: 4 })
    const choices = { one: { side: 'own', value: 6 } } as const
    expect(request(pair, 'approved', { choices, reason: 'typed', follows: '' }).set).toEqual({ one: 6 })
  })
})
