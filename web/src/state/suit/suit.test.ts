import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Need, Requirement, Wish } from '../../api/types'
import {
  asking,
  asText,
  converted,
  memberAt,
  pathOf,
  placeInForm,
  pruned,
  readText,
  relaxed,
  shownNumber,
  typedNumber,
  weightShares,
  withMember,
} from './document'
import { emptyDesk, formatDesk, parseDesk, TABS, type DeskState } from './link'
import { movesBetween, shared } from './moves'

const SEED = 20261125
const key = fc.stringMatching(/^[a-z][a-z_]{0,9}$/).filter((text) => !(text in Object.prototype))
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
const need: fc.Arbitrary<Need> = fc.oneof(
  fc.record(
    { attribute: key, min: number, max: number, unit: key, for: fc.array(key) },
    { requiredKeys: ['attribute', 'min'] },
  ),
  fc.record({ attribute: key, any_of: fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }) }),
  fc.record({ available_by: fc.constantFrom('2027-03-01', '2028-12-31') }),
  fc.record({ distance: fc.record({ overlay: key, max_m: number }) }),
  fc.record({ fits: fc.record({ width_m: number, depth_m: number, setback_m: number }) }),
)
const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record(
    { attribute: key, worst: number, best: number, weight: fc.nat(100), unit: key },
    { requiredKeys: ['attribute', 'worst', 'best'] },
  ),
  fc.record({ attribute: key, prefer: fc.boolean(), weight: fc.nat(100) }),
)
const requirement: fc.Arbitrary<Requirement> = fc.record(
  {
    name: fc.string({ unit: 'binary', minLength: 1 }),
    seeks: fc.constantFrom<NonNullable<Requirement['seeks']>>(['parcel'], ['building', 'unit']),
    needs: fc.array(need, { minLength: 1, maxLength: 5 }),
    wishes: fc.array(wish, { minLength: 1, maxLength: 5 }),
  },
  { requiredKeys: ['seeks'] },
)
const code = fc.stringMatching(/^[A-Z]-[0-9]{1,4}$/)
const state: fc.Arbitrary<DeskState> = fc
  .record({
    scenarios: fc.array(requirement, { minLength: 1, maxLength: 4 }),
    at: fc.nat(3),
    tab: fc.constantFrom(...TABS),
    compare: fc.uniqueArray(code, { maxLength: 6 }),
    pick: fc.oneof(fc.constant(null), code),
    sheet: fc.boolean(),
  })
  .map((one) => ({ ...one, at: one.at % one.scenarios.length }))

describe('the address of the desk', () => {
  it('reads back what it wrote', () =>
    fc.assert(
      fc.asyncProperty(state, async (one) => {
        expect(await parseDesk(await formatDesk(one))).toEqual({ state: one, broken: false })
      }),
      { seed: SEED, numRuns: 150 },
    ))

  it('leaves out what is as usual', async () => {
    expect(await formatDesk(emptyDesk())).toBe('')
    expect(await formatDesk({ ...emptyDesk(), tab: 'near' })).toBe('tab=near')
  })

  it('keeps old links working', async () => {
    // Written by the first version: it must be read for good.
    const old =
      'r=1.q1bKS8xNVbJScgxR0lEqTk3NLlayilYqSCxKTs1Riq0FAA&at=1&tab=compare&compare=P-0001,B-0032-2F-E&pick=P-0001'
    const { state: read, broken } = await parseDesk(`#${old}`)
    expect(broken).toBe(false)
    expect(read.scenarios).toEqual([{ name: 'AT', seeks: ['parcel'] }])
    expect([read.at, read.tab, read.pick]).toEqual([0, 'compare', 'P-0001'])
    expect(read.compare).toEqual(['P-0001', 'B-0032-2F-E'])
  })

  it.each(['r=1.zzzz', 'r=2.abc', 'r=1.', 'r=nothing', 'r=1.q1bKS8xN'])('says that %s cannot be read', async (text) => {
    expect(await parseDesk(text)).toEqual({ state: emptyDesk(), broken: true })
  })

  it('knows its limits', async () => {
    const { state: read } = await parseDesk('at=7&tab=nonsense&compare=A-1,A-1,A-2,A-3,A-4,A-5,A-6,A-7')
    expect(read).toEqual({ ...emptyDesk(), compare: ['A-1', 'A-2', 'A-3', 'A-4', 'A-5', 'A-6'] })
  })
})

describe('the document', () => {
  it('is the same as text and back', () =>
    fc.assert(
      fc.property(requirement, (one) => {
        expect(readText(asText(one)).document).toEqual(JSON.parse(JSON.stringify(pruned(one))))
      }),
      { seed: SEED, numRuns: 300 },
    ))

  it('does not change when the form shows a number and it is typed back', () =>
    fc.assert(
      fc.property(requirement, (one) => {
        for (const [place, item] of (one.needs ?? []).entries())
          for (const member of ['min', 'max'] as const) {
            if (item[member] === undefined) continue
            const next = withMember(one, ['needs', place, member], typedNumber(shownNumber(item[member])))
            expect(next).toEqual(one)
          }
      }),
      { seed: SEED, numRuns: 300 },
    ))

  it('changes only the member that is set', () =>
    fc.assert(
      fc.property(requirement, key, fc.nat(4), (one, member, place) => {
        fc.pre(place < (one.needs?.length ?? 0))
        const path = ['needs', place, member]
        const before = memberAt(one, path)
        const set = withMember(one, path, 'set')
        expect(memberAt(set, path)).toBe('set')
        expect(withMember(set, path, before)).toEqual(one)
        expect(set.wishes).toEqual(one.wishes)
      }),
      { seed: SEED, numRuns: 300 },
    ))

  it.each([
    ['12', 12],
    ['12,5', 12.5],
    [' 1 200.25 ', 1200.25],
    ['1e3', 1000],
    ['', undefined],
    ['twelve', undefined],
    ['1.2.3', undefined],
    ['0x10', undefined],
  ])('reads the typed number %j', (text, expected) => {
    expect(typedNumber(text)).toBe(expected)
  })

  it('converts units without noise', () => {
    expect(converted(60, 2000 / 3, 1)).toBe(40000)
    expect(converted(converted(60, 2000 / 3, 1), 1, 2000 / 3)).toBe(60)
  })

  it('says where a text breaks off', () => {
    expect(readText('{\n"name": oops}').fault?.reason).toBeTruthy()
    expect(readText('[]').fault).toEqual({ line: 1, reason: '{ … }' })
    expect(readText('{"needs": 3}').document).toBeUndefined()
  })

  it('asks only what says something, and finds its place again', () => {
    const one: Requirement = {
      needs: [
        { attribute: 'a' },
        { attribute: 'b', min: 1 },
        { attribute: 'c', any_of: [] },
        { inside: { overlay: 'o' } },
      ],
      wishes: [
        { attribute: 'd', prefer: [] },
        { attribute: 'e', prefer: true },
      ],
    }
    expect(asking(one)).toEqual({ needs: [one.needs?.[1], one.needs?.[3]], wishes: [one.wishes?.[1]] })
    expect(placeInForm(one, 'needs', 1)).toBe(3)
    expect(placeInForm(one, 'wishes', 0)).toBe(1)
  })

  it('shares the weights', () => {
    expect(weightShares([{ weight: 30 }, { weight: 10 }])).toEqual([0.75, 0.25])
    expect(weightShares([{}, {}])).toEqual([0.5, 0.5])
    expect(weightShares([{ weight: 0 }])).toEqual([0])
  })
})

describe('a relaxation', () => {
  const base: Requirement = {
    seeks: ['parcel'],
    needs: [
      { attribute: 'a', min: 10, unit: 'mu' },
      { distance: { overlay: 'o', max_m: 500 } },
      { attribute: 'c', any_of: ['1'] },
    ],
    wishes: [{ attribute: 'w', worst: 1, best: 2, veto: 1.5 }],
  }
  const offer = (gate: string, more: object) => ({ gate, about: '', adds: 1, opens: 0, ...more })

  it.each([
    [offer('needs[0]', { member: 'needs[0].min', to: 8 }), ['needs', 0, 'min'], 8],
    [offer('needs[1]', { member: 'needs[1].distance.max_m', to: 800 }), ['needs', 1, 'distance', 'max_m'], 800],
    [offer('needs[2]', { add: '2' }), ['needs', 2, 'any_of'], ['1', '2']],
    [offer('wishes[0].veto', { member: 'wishes[0].veto', to: 1.2 }), ['wishes', 0, 'veto'], 1.2],
    [offer('wishes[0].veto', { without: true }), ['wishes', 0, 'veto'], undefined],
  ])('%j is taken over', (one, path, expected) => {
    expect(memberAt(relaxed(base, one), path)).toEqual(expected)
  })

  it('finds its need behind one that asks nothing yet', () => {
    const unfinished = { ...base, needs: [{ attribute: 'new' }, ...(base.needs ?? [])] }
    const next = relaxed(unfinished, offer('needs[0]', { member: 'needs[0].min', to: 8 }))
    expect(next.needs?.slice(0, 2)).toEqual([{ attribute: 'new' }, { ...base.needs?.[0], min: 8 }])
  })

  it('leaves a need out', () => {
    expect(relaxed(base, offer('needs[1]', { without: true })).needs).toEqual([base.needs?.[0], base.needs?.[2]])
  })

  it('reads paths', () => {
    expect(pathOf('needs[12].distance.max_m')).toEqual(['needs', 12, 'distance', 'max_m'])
  })
})

describe('what moved', () => {
  it('counts places gained and lost', () => {
    const moves = movesBetween(['a', 'b', 'c', 'd'], ['c', 'a', 'b', 'x', 'd'])
    expect(Object.fromEntries(moves)).toEqual({ c: 2, a: -1, b: -1, x: 'new', d: -1 })
  })

  it('says nothing of a first list or the same list', () => {
    expect(movesBetween([], ['a', 'b']).size).toBe(0)
    expect(movesBetween(['a', 'b'], ['a', 'b']).size).toBe(0)
  })

  it('moves cancel out when the members stay the same', () =>
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.string(), { minLength: 1 })
          .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([before, after]) => {
          const moves = [...movesBetween(before, after).values()]
          expect(moves.every((move) => typeof move === 'number' && move !== 0)).toBe(true)
          expect(moves.reduce<number>((sum, move) => sum + Number(move), 0)).toBe(0)
        },
      ),
      { seed: SEED },
    ))

  it('counts what two lists share', () => {
    expect(shared(['a', 'b', 'c'], ['c', 'x', 'a'])).toBe(2)
  })
})
