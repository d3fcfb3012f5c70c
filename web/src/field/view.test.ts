import { describe, expect, it } from 'vitest'
import type { FieldPackage, Target } from '../api/field'
import type { Feature } from '../api/types'
import type { Entry, EntryState } from './journal/entries'
import { standing } from './journal/standing'
import type { KeptPackage } from './journal/store'
import { calledOf, isDone, rows as rowsOf, stillNeeded, tally, values, withGone } from './view'

const target = (more: Partial<Target> = {}): Target => ({
  code: 'P-1',
  record: 'r',
  collection: 'parcels',
  state: 'open',
  point: [121, 32],
  ...more,
})
const feature = {
  id: 'r',
  type: 'Feature',
  geometry: null,
  properties: { code: 'P-1', version: 3, collection: 'parcels', note: 'old' },
} as unknown as Feature
const doc = (one: Target) =>
  ({ campaign: { id: 'c' }, targets: [one], carriers: { features: [feature] } }) as unknown as FieldPackage
const common = { campaign: 'c', record: 'r', code: 'P-1', account: 'anna', savedAt: 1 }
const visit = (id: string, counter: number, state: EntryState, outcome = 'confirmed') =>
  ({ ...common, kind: 'visit', id, visit: id, counter, state, payload: { outcome } }) as unknown as Entry
const edit = (counter: number, state: EntryState, value: string, version?: number) =>
  ({
    ...common,
    kind: 'edit',
    id: `e${counter}`,
    visit: 'v',
    counter,
    state,
    before: {},
    payload: { set: { note: value } },
    answer: { version },
  }) as unknown as Entry
const undo = (of: string, counter: number) =>
  ({
    ...common,
    kind: 'undo',
    id: `u${counter}`,
    visit: of,
    counter,
    state: 'local',
    payload: { visit: of },
  }) as unknown as Entry
const rows = (of: FieldPackage, entries: Entry[]) => rowsOf({ doc: of }, new Map([['r', standing(entries)]]), [])
const progress = (one: Target, entries: Entry[]) => rows(doc(one), entries)[0]?.progress

describe('a target on the screen', () => {
  it('follows the last visit of the journal that was not taken back', () => {
    expect(progress(target(), [])).toBe('open')
    expect(progress(target(), [visit('v', 1, 'saved')])).toBe('confirmed')
    expect(progress(target(), [visit('v', 1, 'applied'), visit('w', 2, 'saved', 'no_access')])).toBe('no_access')
    expect(progress(target(), [visit('v', 1, 'withdrawn')])).toBe('open')
    expect(progress(target(), [visit('v', 1, 'applied'), undo('v', 2)])).toBe('open')
    expect(progress(target(), [visit('v', 1, 'returned')])).toBe('returned')
  })

  it('follows the server in what became of the visit it knows, and the journal in what it does not', () => {
    const review = { verdict: 'returned', reason: 'measure the gate' }
    const back = target({ state: 'returned', visit: { id: 'v', outcome: 'confirmed', review } })
    const [row] = rows(doc(back), [visit('v', 1, 'applied')])
    expect(row).toMatchObject({ progress: 'returned', reason: 'measure the gate' })
    expect(progress(back, [visit('v', 1, 'applied'), visit('w', 2, 'saved', 'changed')])).toBe('changed')
    expect(progress(target({ state: 'to_review', visit: null }), [])).toBe('by_other')
    expect(
      progress(target({ state: 'revisit', visit: { id: 'v', outcome: 'confirmed' } }), [visit('v', 1, 'applied')]),
    ).toBe('open')
    expect(progress(target({ state: 'excepted' }), [])).toBe('dropped')
    expect(progress(target({ state: 'replaced' }), [])).toBe('dropped')
  })

  it('is open again when the visit that the server still counts was taken back here', () => {
    const counted = target({ state: 'to_review', visit: { id: 'v', outcome: 'confirmed' } })
    expect(progress(counted, [visit('v', 1, 'applied')])).toBe('confirmed')
    expect(progress(counted, [visit('v', 1, 'applied'), undo('v', 2)])).toBe('open')
    expect(progress(counted, [visit('v', 1, 'applied'), undo('v', 2), visit('w', 3, 'saved', 'changed')])).toBe(
      'changed',
    )
    const refused = { ...undo('v', 2), state: 'returned' } as Entry
    expect(progress(counted, [visit('v', 1, 'applied'), refused])).toBe('confirmed')
    // An earlier visit of somebody else stands.
    expect(progress(target({ state: 'to_review', visit: null }), [visit('v', 1, 'applied'), undo('v', 2)])).toBe(
      'by_other',
    )
  })

  it('shows the state of the entry that is farthest behind', () => {
    const [row] = rows(doc(target()), [visit('v', 2, 'applied'), edit(1, 'conflict', 'x')])
    expect(row?.state).toBe('conflict')
  })

  it('shows the package with what the journal holds over it, until a newer package has it', () => {
    expect(values(feature, [edit(1, 'saved', 'mine')])['note']).toBe('mine')
    expect(values(feature, [edit(2, 'saved', 'later'), edit(1, 'applied', 'mine', 4)])['note']).toBe('later')
    expect(values(feature, [edit(1, 'applied', 'mine', 3)])['note']).toBe('old')
    for (const state of ['conflict', 'returned', 'withdrawn'] as const)
      expect(values(feature, [edit(1, state, 'mine')])['note']).toBe('old')
  })

  it('stays when it is taken off the list while something of it is only here, and counts no more', () => {
    const pack = (targets: Target[], account = 'anna') =>
      ({
        id: 'c',
        account,
        doc: { campaign: { id: 'c' }, targets, carriers: { features: [feature] } },
      }) as unknown as KeptPackage
    const held = new Set(['r'])
    const later = withGone(withGone(pack([target()]), pack([]), held), pack([]), held)
    const shown = (of: KeptPackage, entries: Entry[]) => rowsOf(of, new Map([['r', standing(entries)]]), [])
    const [row] = shown(later, [visit('v', 1, 'saved')])
    expect(row).toMatchObject({ isGone: true, feature: { id: 'r' }, progress: 'confirmed' })
    expect(tally(row ? [row] : [])).toMatchObject({ all: 0, visited: 0 })
    expect(shown(later, [visit('v', 1, 'applied')])).toEqual([])
    expect(withGone(later, pack([target()]), held).gone).toEqual([])
    expect(withGone(pack([target()]), pack([]), new Set()).gone).toEqual([])
    expect(withGone(pack([target()]), pack([], 'bert'), held).gone).toBeUndefined()
  })

  it('keeps its record when a newer package has it no more and something is under way', () => {
    const packed = doc(target())
    const closed = { ...doc(target({ state: 'replaced', closed: true })), carriers: { features: [] } }
    expect(stillNeeded(packed, closed, new Set(['r']))).toEqual([feature])
    expect(stillNeeded(packed, closed, new Set())).toEqual([])
    expect(stillNeeded(packed, packed, new Set(['r']))).toEqual([])
  })

  it('never counts as visited what nobody has seen', () => {
    const all = (['confirmed', 'changed', 'no_access', 'not_found', 'dropped'] as const).flatMap((outcome) =>
      rows(doc(target()), [visit('v', 1, 'saved', outcome)]),
    )
    expect(all.every(isDone)).toBe(true)
    expect(tally(all)).toEqual({ all: 5, visited: 2, accounted: 5, returned: 0 })
  })
})

describe('what a target is called', () => {
  const having = (properties: object) => ({ ...feature, properties }) as unknown as Feature

  it('is its name, then its address, and nothing where neither is known', () => {
    expect(calledOf(having({ address: 'East Road 5', name: 'Hall 3' }))).toEqual(['Hall 3', 'East Road 5'])
    expect(calledOf(having({ address: 'East Road 5', name: '' }))).toEqual(['East Road 5'])
    expect(calledOf(having({ name: null }))).toEqual([])
    expect(calledOf(null)).toEqual([])
  })
})
