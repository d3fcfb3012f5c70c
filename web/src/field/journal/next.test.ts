import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import { GRACE_MS, Journal } from './journal'
import { untilNext } from './next'
import { ABOUT, edit, photo, visit } from './sample'
import { FieldStore } from './store'
import { undo } from './undo'

let clock = 10_000_000
let names = 0
let journal: Journal

beforeEach(() => {
  journal = new Journal(new FieldStore(`next-${++names}`), () => clock)
})

const left = () => untilNext(journal, 'anna')
/** The server has taken these. */
async function take(...ids: string[]) {
  await journal.step(ids, 'sealed')
  await journal.step(ids, 'sent')
  await journal.settle(new Map(ids.map((id) => [id, { outcome: 'applied' }])))
}

describe('until something can be sent', () => {
  it('is the time in which what was saved can be withdrawn', async () => {
    expect(await left()).toBeNull()
    await journal.append(ABOUT, [edit('a', 'x'), visit('v', ['a'])])
    clock += 1_000
    expect(await left()).toBe(GRACE_MS - 1_000)
    clock += GRACE_MS - 1_001
    expect(await journal.seal('edit', 'anna', 10)).toEqual([])
    expect(await left()).toBe(1)
    clock += 1
    expect(await left()).toBe(0)
    expect(await journal.seal('edit', 'anna', 10)).toHaveLength(1)
  })

  it('is the next try of what the server could not take, the soonest of several', async () => {
    await journal.append(ABOUT, [edit('a', 'x'), edit('b', 'x')])
    clock += GRACE_MS
    await journal.seal('edit', 'anna', 10)
    await journal.postpone('a', () => 240_000)
    await journal.postpone('b', () => 90_000)
    expect(await left()).toBe(90_000)
    await take('b')
    expect(await left()).toBe(240_000)
  })

  it('does not come for what waiting does not help: entries of others, and photos of an answer that is not saved', async () => {
    await journal.append({ ...ABOUT, visit: 'w', account: 'bert' }, [edit('c', 'x'), visit('w', ['c'])])
    await journal.append(ABOUT, [photo('p', 'hash')])
    clock += GRACE_MS
    expect(await left()).toBeNull()
    expect(await untilNext(journal, 'bert')).toBe(0)
    await journal.append(ABOUT, [visit('v')])
    expect(await left()).toBe(GRACE_MS)
    clock += GRACE_MS
    await take('v')
    expect(await journal.photosToSend('anna', 1)).toHaveLength(1)
    expect(await left()).toBe(0)
  })

  it('of a visit comes after that of its edits, and of its being taken back after that of both', async () => {
    await journal.append(ABOUT, [edit('a', 'x'), visit('v', ['a'])])
    clock += GRACE_MS
    await journal.seal('edit', 'anna', 10)
    await journal.postpone('a', () => 90_000)
    expect(await journal.seal('visit', 'anna', 10)).toEqual([])
    expect(await left()).toBe(90_000)
    await take('a')
    expect(await left()).toBe(0)
    await journal.seal('visit', 'anna', 10)
    await journal.postpone('v', () => 80_000)
    await undo(journal, 'v', 'next')
    // The value before is set again by an edit that waits for nothing.
    expect(await left()).toBe(GRACE_MS)
    clock += GRACE_MS
    await take(...(await journal.seal('edit', 'anna', 10)).map((entry) => entry.id))
    expect(await journal.seal('undo', 'anna', 10)).toEqual([])
    expect(await left()).toBe(80_000 - GRACE_MS)
  })

  it('is not held by a clock that was set back', async () => {
    await journal.append(ABOUT, [edit('a', 'x')])
    clock -= 3_600_000
    expect(await left()).toBe(0)
    expect(await journal.seal('edit', 'anna', 10)).toHaveLength(1)
  })
})
