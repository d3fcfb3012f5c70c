import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { GRACE_MS, Journal } from './journal'
import { newest } from './page'
import { DAY_MS, prune } from './prune'
import { ABOUT, edit, photo, visit } from './sample'
import { FieldStore } from './store'

let clock = 1_000_000
let names = 0
let journal: Journal

beforeEach(() => {
  journal = new Journal(new FieldStore(`prune-${++names}`), () => clock)
})

const ids = async () => (await journal.store.entries.toArray()).map((entry) => entry.id)
const all = () => true

/** A visit with an edit and a photo, answered as given. */
async function answered(name: string, outcome: string, hash = name) {
  const about = { ...ABOUT, visit: name, record: `r-${name}` }
  await journal.append(about, [photo(`p-${name}`, hash)])
  await journal.append(about, [edit(`e-${name}`, 'x'), visit(name, [`e-${name}`])])
  clock += GRACE_MS
  await answer(`e-${name}`, outcome)
  await answer(name, 'applied')
  await answer(`p-${name}`, 'applied')
}
async function answer(id: string, outcome: string) {
  await journal.step([id], 'sealed')
  await journal.step([id], 'sent')
  await journal.settle(new Map([[id, { outcome }]]))
}

describe('what is done with', () => {
  it('goes after a fortnight, with its photos, and not before', async () => {
    await answered('old', 'applied')
    clock += 13 * DAY_MS
    expect(await prune(journal.store, clock, all)).toEqual([])
    clock += 2 * DAY_MS
    await answered('new', 'merged')
    expect(await prune(journal.store, clock, all)).toEqual(['r-old'])
    expect(await ids()).toEqual(['p-new', 'e-new', 'new'])
    expect((await journal.store.photos.toArray()).map((kept) => kept.sha256)).toEqual(['new'])
  })

  it('goes earlier beyond a number, the oldest first and whole visits only', async () => {
    for (const name of ['a', 'b', 'c']) await answered(name, 'applied')
    await prune(journal.store, clock, all, { keepMs: 14 * DAY_MS, most: 5 })
    expect(await ids()).toEqual(['p-c', 'e-c', 'c'])
  })

  it('never goes while any of its visit is unsent, waits for a person, or is not on the screen yet', async () => {
    for (const outcome of ['conflict', 'proposed', 'applied']) await answered(outcome, outcome)
    await journal.append({ ...ABOUT, visit: 'unsent' }, [edit('e-unsent', 'x'), visit('unsent')])
    await journal.append({ ...ABOUT, visit: 'draft' }, [photo('p-draft', 'draft')])
    const before = await ids()
    clock += 400 * DAY_MS
    await prune(journal.store, clock, (entry) => entry.id !== 'e-applied', { keepMs: 0, most: 0 })
    expect(await ids()).toEqual(before)
    expect(await journal.store.photos.count()).toBe(4)
  })

  it('that was sent back is shown its fortnight, however much there is', async () => {
    await answered('back', 'returned')
    await prune(journal.store, clock, all, { keepMs: 14 * DAY_MS, most: 0 })
    expect(await ids()).toHaveLength(3)
    clock += 14 * DAY_MS
    await prune(journal.store, clock, all, { keepMs: 14 * DAY_MS, most: 0 })
    expect(await ids()).toEqual([])
  })

  it('stays for good where only this device has it', async () => {
    await answered('back', 'applied')
    await journal.store.entries
      .where('id')
      .equals('e-back')
      .modify({ state: 'returned', answer: { outcome: 'returned', kept: false } })
    clock += 400 * DAY_MS
    await prune(journal.store, clock, all, { keepMs: 0, most: 0 })
    expect(await ids()).toHaveLength(3)
    expect(await journal.store.photos.count()).toBe(1)
  })

  it('leaves a picture that another visit has too, and a counter that never runs twice', async () => {
    await answered('old', 'applied', 'same')
    clock += 15 * DAY_MS
    await answered('new', 'applied', 'same')
    await prune(journal.store, clock, all)
    expect((await journal.store.photos.toArray()).map((kept) => kept.sha256)).toEqual(['same'])
    clock += 15 * DAY_MS
    await prune(journal.store, clock, all)
    expect(await ids()).toEqual([])
    const [next] = await journal.append(ABOUT, [edit('e', 'x')])
    expect(next?.counter).toBe(7)
  })

  it('is found in a journal of many pages', { timeout: 30_000 }, async () => {
    for (let n = 0; n < 120; n += 1) await answered(`v${n}`, n % 10 === 0 ? 'proposed' : 'applied')
    clock += 15 * DAY_MS
    await prune(journal.store, clock, all)
    expect((await journal.store.entries.toArray()).filter((entry) => entry.kind === 'visit')).toHaveLength(12)
  })
})

describe('a page of the journal', () => {
  it('holds the newest of its states and the number of all', async () => {
    for (const name of ['a', 'b', 'c']) await answered(name, name === 'b' ? 'merged' : 'applied')
    const page = await newest(journal.store, ['applied', 'merged'], 4)
    expect(page.count).toBe(9)
    expect(page.entries.map((entry) => entry.id)).toEqual(['c', 'e-c', 'p-c', 'b'])
  })

  it('knows photos of an answer that is not given yet', async () => {
    await journal.append({ ...ABOUT, visit: 'draft' }, [photo('p', 'p')])
    await answered('a', 'applied')
    const page = await newest(journal.store, ['saved'], 10)
    expect([...page.drafted]).toEqual([1])
  })
})
