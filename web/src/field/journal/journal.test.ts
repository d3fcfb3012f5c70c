import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { mayStep, isUnsent, STATES, type Entry, type EntryState, type Wish } from './entries'
import { GRACE_MS, Journal } from './journal'
import { adopt } from './adopt'
import { heldHere } from './held'
import { again } from './again'
import { discardDraft, dropDraft, letGo, withdrawEntry } from './letgo'
import { gone, onlyHere } from './only'
import { undo } from './undo'
import { ABOUT, DRAFT, edit, photo, visit } from './sample'
import { FieldStore } from './store'

let clock = 1_000_000
let names = 0
let journal: Journal

beforeEach(() => {
  journal = new Journal(new FieldStore(`test-${++names}`), () => clock)
})

const all = () => journal.store.entries.toArray()
const states = async () => Object.fromEntries((await all()).map((entry) => [entry.id, entry.state]))

describe('the life of an entry', () => {
  it('never goes back from an answer to unsent, and never out of what is withdrawn', () => {
    for (const from of STATES)
      for (const to of STATES) {
        if (!isUnsent(from) && isUnsent(to)) expect(mayStep(from, to), `${from} ${to}`).toBe(false)
        if (from === 'withdrawn' || from === 'local') expect(mayStep(from, to)).toBe(false)
        if (to === 'withdrawn') expect(mayStep(from, to)).toBe(from === 'saved')
      }
  })
})

describe('the journal', () => {
  it('counts entries of the device without a gap, also when two are saved at once', async () => {
    await Promise.all([journal.append(ABOUT, [edit('a', '1'), edit('b', '2')]), journal.append(ABOUT, [visit('v1')])])
    const counters = (await all()).map((entry) => entry.counter)
    expect(counters).toEqual([1, 2, 3])
    const [first] = await all()
    expect(first?.kind === 'edit' && first.payload.field).toMatchObject({
      counter: 1,
      visit: 'v',
      device: await journal.device(),
    })
  })

  it('saves all entries of a visit or none', async () => {
    await journal.append(ABOUT, [edit('a', '1')])
    await expect(journal.append(ABOUT, [edit('b', '2'), edit('a', '3'), visit('v1')])).rejects.toThrow()
    expect(await states()).toEqual({ a: 'saved' })
    await journal.append(ABOUT, [edit('c', '4')])
    expect((await all()).map((entry) => entry.counter)).toEqual([1, 2])
  })

  it('is there again after a restart, the device and its count too', async () => {
    const device = await journal.device()
    await journal.append(ABOUT, [edit('a', '1')])
    const { name } = journal.store
    journal.store.close()
    journal = new Journal(new FieldStore(name), () => clock)
    expect(await journal.device()).toBe(device)
    await journal.append(ABOUT, [edit('b', '2')])
    expect((await all()).map((entry) => [entry.id, entry.counter])).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  it('seals only what can no longer be withdrawn, and visits only after their edits are answered', async () => {
    await journal.append(ABOUT, [edit('a', '1'), visit('v', ['a'])])
    expect(await journal.seal('edit', 'anna', 10)).toEqual([])
    clock += GRACE_MS
    expect((await journal.seal('edit', 'anna', 10)).map((entry) => entry.id)).toEqual(['a'])
    expect(await journal.seal('visit', 'anna', 10)).toEqual([])
    await journal.step(['a'], 'sent')
    await journal.settle(new Map([['a', { outcome: 'conflict' }]]))
    expect((await journal.seal('visit', 'anna', 10)).map((entry) => entry.id)).toEqual(['v'])
  })

  it('seals when the clock was set back, and never for another account', async () => {
    await journal.append(ABOUT, [edit('a', '1')])
    clock -= 10 * GRACE_MS
    expect(await journal.seal('edit', 'bert', 10)).toEqual([])
    expect(await journal.seal('edit', 'anna', 10)).toHaveLength(1)
  })

  it('lets entries without an account be of the one whose package they were made with, so that they are sent', async () => {
    await journal.append({ ...ABOUT, account: '' }, [edit('a', '1'), visit('v', ['a'])])
    await journal.append({ ...ABOUT, account: 'bert' }, [edit('b', '2')])
    clock += GRACE_MS
    expect(await journal.seal('edit', 'anna', 10)).toEqual([])
    expect(await adopt(journal, '')).toBe(0)
    expect(await adopt(journal, 'anna')).toBe(2)
    expect((await all()).map((entry) => entry.account)).toEqual(['anna', 'anna', 'bert'])
    expect((await journal.seal('edit', 'anna', 10)).map((entry) => entry.id)).toEqual(['a'])
  })

  it('gives an unanswered batch again with the same ids', async () => {
    await journal.append(ABOUT, [edit('a', '1'), edit('b', '2')])
    clock += GRACE_MS
    const first = await journal.seal('edit', 'anna', 10)
    await journal.step(
      first.map((entry) => entry.id),
      'sent',
    )
    await journal.append(ABOUT, [edit('c', '3')])
    clock += GRACE_MS
    const second = await journal.seal('edit', 'anna', 10)
    expect(second.map((entry) => entry.id)).toEqual(['a', 'b'])
    expect(new Set(second.map((entry) => entry.batch)).size).toBe(1)
  })

  it('withdraws a visit that was not sealed and gives its photos to the next', async () => {
    await journal.append(ABOUT, [photo('p', 'ff')])
    await journal.append(ABOUT, [edit('a', '1'), visit('v', ['a'])])
    expect(await undo(journal, 'v', 'v2')).toBe('withdrawn')
    expect(await states()).toEqual({ p: 'saved', a: 'withdrawn', v: 'withdrawn' })
    expect((await all()).find((entry) => entry.id === 'p')?.visit).toBe('v2')
    expect(await journal.unsent()).toBe(1)
  })

  it('withdraws a visit and makes its answers a draft again, for the next visit, unless there is a newer one', async () => {
    const draft = { ...DRAFT, outcome: 'changed' as const, answers: { note: 'new' } }
    await journal.saveDraft(draft)
    await journal.append(ABOUT, [edit('a', 'new'), visit('v', ['a'])])
    await undo(journal, 'v', 'v2')
    expect(await journal.store.drafts.toArray()).toEqual([{ ...draft, visit: 'v2', at: clock }])
    await journal.append({ ...ABOUT, visit: 'v2' }, [edit('b', 'new'), visit('v2', ['b'])])
    await journal.saveDraft({ ...draft, visit: 'v3', note: 'newer' })
    await undo(journal, 'v2', 'v4')
    expect((await journal.store.drafts.toArray()).map((one) => one.visit)).toEqual(['v3'])
  })

  it('undoes a sealed visit by new edits with the values before', async () => {
    await journal.append(ABOUT, [edit('a', 'new', 'old'), edit('same', 'x', 'x'), visit('v', ['a'])])
    clock += GRACE_MS
    await journal.seal('edit', 'anna', 10)
    expect(await undo(journal, 'v', 'v2')).toBe('undone')
    const made = (await all()).slice(3)
    expect(made.map((entry) => entry.kind)).toEqual(['edit', 'undo'])
    expect(made[0]?.kind === 'edit' && made[0].payload.set).toEqual({ note: 'old' })
  })

  it('is cleared only when the server has answered for everything', async () => {
    await journal.append(ABOUT, [edit('a', '1')])
    expect(await journal.clear()).toBe(false)
    expect(await states()).toEqual({ a: 'saved' })
    await journal.step(['a'], 'sealed')
    await journal.step(['a'], 'sent')
    await journal.settle(new Map([['a', { outcome: 'returned', reason: 'no' }]]))
    expect(await journal.clear()).toBe(true)
  })

  it('is not cleared while it holds what the server did not keep, or an answer that is not saved, until somebody lets go of it', async () => {
    await journal.append(ABOUT, [edit('a', '1'), edit('b', '2')])
    for (const state of ['sealed', 'sent'] as const) await journal.step(['a', 'b'], state)
    await journal.settle(new Map([['a', { outcome: 'returned', reason: 'too-long', kept: false as const }]]))
    await journal.settle(new Map([['b', { outcome: 'returned', reason: 'no' }]]))
    await journal.saveDraft({ ...DRAFT, record: 'looked', outcome: 'changed' })
    await journal.saveDraft({ ...DRAFT, note: 'The gate is new' })
    expect([await journal.unsent(), await onlyHere(journal.store)]).toEqual([0, 2])
    expect(await heldHere('anna', journal.store.name), 'drafts are of the one whose package it is').toBe(1)
    expect(await heldHere('bert', journal.store.name)).toBe(0)
    expect(await journal.clear()).toBe(false)
    await letGo(journal, 'b')
    expect(await gone(journal.store), 'the server has it').toBe(0)
    await letGo(journal, 'a')
    expect([await gone(journal.store), await onlyHere(journal.store)]).toEqual([1, 1])
    await dropDraft(journal, 'r')
    expect(await onlyHere(journal.store)).toBe(0)
    expect(await journal.clear()).toBe(true)
  })

  it('joins what two tabs have answered of one target, with their photos', async () => {
    const mine = await journal.saveDraft({ ...DRAFT, answers: { a: 1, b: 1 }, note: 'mine', at: 10 }, 0)
    await journal.append({ ...ABOUT, visit: 'other' }, [photo('p', 'ff')])
    const theirs = { ...DRAFT, visit: 'other', answers: { b: 2, c: 2 }, same: ['d'], at: 11 }
    expect(await journal.saveDraft(theirs, 0)).toMatchObject({
      visit: 'v',
      answers: { a: 1, b: 2, c: 2 },
      same: ['d'],
      note: 'mine',
    })
    expect((await all()).map((entry) => entry.visit)).toEqual(['v'])
    const again = await journal.saveDraft({ ...mine, answers: { ...mine.answers, d: 3 }, at: 12 }, mine.at)
    expect(again).toMatchObject({ answers: { a: 1, b: 1, c: 2, d: 3 }, same: [] })
    expect(await journal.saveDraft({ ...again, answers: { a: 1 } }, again.at), 'its own is overwritten').toMatchObject({
      answers: { a: 1 },
    })
    await journal.append(ABOUT, [visit('v')])
    expect((await journal.saveDraft(again, again.at)).visit, 'the other tab has saved the visit').not.toBe('v')
  })

  /** A visit that names a photo is saved, and this tab still holds the draft it came from, with another photo. */
  async function savedElsewhere() {
    const draft = await journal.saveDraft({ ...DRAFT, note: 'mine' })
    await journal.append(ABOUT, [photo('named', 'ff')])
    await journal.append(ABOUT, [naming(visit('v'), photo('', 'ff'))])
    await journal.append(ABOUT, [photo('later', 'ee')])
    return draft
  }
  const naming = (one: Wish, shown: Wish): Wish =>
    one.kind === 'visit' && shown.kind === 'photo'
      ? { ...one, payload: { ...one.payload, photos: [shown.payload] } }
      : one
  const visitOf = async (id: string) => (await all()).find((entry) => entry.id === id)?.visit

  it('leaves a saved visit the photos that it names, whatever another tab still says of it', async () => {
    const draft = await savedElsewhere()
    // Typed quickly: the second letter is on its way before the first has come back.
    const [one, two] = await Promise.all([
      journal.saveDraft({ ...draft, note: 'm', at: 20 }, draft.at),
      journal.saveDraft({ ...draft, note: 'mo', at: 21 }, 20),
    ])
    expect(one.visit).not.toBe('v')
    expect(two.visit, 'one visit for all that is said after it').toBe(one.visit)
    expect([await visitOf('named'), await visitOf('later')]).toEqual(['v', one.visit])
  })

  it('takes no photo out of a saved visit, but one of a visit that was taken back', async () => {
    await savedElsewhere()
    expect(await withdrawEntry(journal, 'named')).toBe(false)
    expect(await states()).toMatchObject({ named: 'saved' })
    await undo(journal, 'v', 'v2')
    expect(await withdrawEntry(journal, 'named')).toBe(true)
    expect(await states()).toMatchObject({ named: 'withdrawn' })
  })

  it('tells the other tabs of an answer that is let go of, and of what is handed in once more', async () => {
    await journal.saveDraft(DRAFT)
    await journal.append({ ...ABOUT, record: 'other' }, [photo('p', 'ff')])
    for (const state of ['sealed', 'sent'] as const) await journal.step(['p'], state)
    await journal.settle(new Map([['p', { outcome: 'returned', reason: 'wrong-hash', kept: false as const }]]))
    await letGo(journal, 'p')
    const told: string[] = []
    journal.onChange((records) => told.push(...records))
    await discardDraft(journal, 'r')
    await again(journal, 'p')
    expect(told).toEqual(['r', 'other'])
    const [entry] = await all()
    expect(entry?.state).toBe('saved')
    expect(entry?.letGoAt, 'only who is asked again lets go again').toBeUndefined()
  })

  it('lets go of an unfinished answer with its photos', async () => {
    await journal.saveDraft({ ...DRAFT, note: 'The gate is new' })
    await journal.append(ABOUT, [photo('p', 'ff')])
    await journal.append({ ...ABOUT, visit: 'other' }, [photo('q', 'ee')])
    await dropDraft(journal, 'r')
    expect(await states()).toEqual({ p: 'withdrawn', q: 'saved' })
  })

  it('keeps a draft until the visit is saved', async () => {
    await journal.saveDraft({ ...DRAFT, outcome: 'changed', step: 1 })
    await journal.append(ABOUT, [photo('p', 'ff')])
    expect(await journal.store.drafts.count()).toBe(1)
    await journal.append(ABOUT, [visit('v')])
    expect(await journal.store.drafts.count()).toBe(0)
    await journal.saveDraft({ ...DRAFT, outcome: 'changed', visit: 'w', answers: { note: 'mine', idle: true } })
    await journal.append({ ...ABOUT, visit: 'w' }, [edit('e', 'mine'), visit('w', ['e'])])
    const left = await journal.store.drafts.get('r')
    expect(left).toMatchObject({ outcome: 'changed', answers: { idle: true } })
    // The visit that was saved is over.
    expect(left?.visit).not.toBe('w')
  })

  it('loses no entry and reaches no impossible state, whatever happens in whatever order', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const) }),
      fc.record({ do: fc.constant('seal' as const) }),
      fc.record({ do: fc.constant('send' as const) }),
      fc.record({
        do: fc.constant('settle' as const),
        outcome: fc.constantFrom('applied', 'merged', 'conflict', 'proposed', 'returned', 'nonsense'),
      }),
      fc.record({ do: fc.constant('undo' as const) }),
      fc.record({ do: fc.constant('clear' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        journal = new Journal(new FieldStore(`test-${++names}`), () => clock)
        const expected = new Set<string>()
        const seen = new Map<string, EntryState>()
        let n = 0
        for (const one of steps) {
          clock += GRACE_MS
          const entries = await all()
          if (one.do === 'append') {
            const id = `e${++n}`
            await journal.append({ ...ABOUT, visit: `v${n}` }, [edit(id, 'x'), visit(`v${n}`, [id])])
            expected.add(id).add(`v${n}`)
          } else if (one.do === 'seal') await journal.seal(n % 2 ? 'edit' : 'visit', 'anna', 2)
          else if (one.do === 'send')
            await journal.step(
              entries.map((entry) => entry.id),
              'sent',
            )
          else if (one.do === 'settle')
            await journal.settle(new Map(entries.slice(-2).map((entry) => [entry.id, { outcome: one.outcome }])))
          else if (one.do === 'undo') await undo(journal, `v${n}`, 'next')
          else if (await journal.clear()) {
            expect(entries.some((entry) => isUnsent(entry.state))).toBe(false)
            expected.clear()
            seen.clear()
          }
          const after: Entry[] = await all()
          for (const id of expected) expect(after.some((entry) => entry.id === id)).toBe(true)
          for (const entry of after) {
            const before = seen.get(entry.id)
            // Seal and send may be one step of this test.
            if (before && before !== entry.state) expect(isUnsent(before) || mayStep(before, entry.state)).toBe(true)
            seen.set(entry.id, entry.state)
          }
          expect(new Set(after.map((entry) => entry.counter)).size).toBe(after.length)
        }
      }),
      { numRuns: 30, seed: 7 },
    )
  }, 60_000)
})
