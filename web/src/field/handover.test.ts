import { describe, expect, it } from 'vitest'
import { Offline, Refused } from '../api/client'
import type { FieldEdit, Visit } from '../api/field'
import type { Entry, PhotoEntry } from './journal/entries'
import { ABOUT, edit, photo, visit } from './journal/sample'
import { HandOver, type Office } from './handover'
import type { Opened } from './rescue'

const refused = (status: number, more = {}) => new Refused({ type: 'x', title: 'no', status, ...more })

const undoOf = (id: string, visit: string) => ({ kind: 'undo', id, payload: { visit, device: 'd' } }) as const

/** A file as it was opened: entries of two people of one phone. */
function file(): Opened {
  const wishes = [
    { wish: edit('a', 'x'), account: 'anna' },
    { wish: edit('b', 'y'), account: 'bert' },
    { wish: edit('c', 'z'), account: 'anna' },
    { wish: visit('v', ['a']), account: 'anna' },
    { wish: undoOf('u', 'v'), account: 'anna' },
    { wish: photo('p', 'aa', 10), account: 'anna' },
    { wish: photo('q', 'bb', 10), account: 'anna' },
  ]
  const entries = wishes.map(({ wish, account }, counter) => {
    const payload = { ...wish.payload, id: wish.id }
    return {
      ...ABOUT,
      account,
      id: wish.id,
      kind: wish.kind,
      counter,
      savedAt: 0,
      state: 'saved',
      payload,
    } as unknown as Entry
  })
  const picture = (entry: PhotoEntry) => Promise.resolve(new Blob([new Uint8Array(entry.payload.bytes)]))
  return { manifest: {} as Opened['manifest'], entries, drafts: [], photo: picture }
}

/** A server that takes all, and writes down what it was sent. */
class Stub implements Office {
  seen: string[] = []
  edits: FieldEdit[] = []
  visits: Visit[] = []
  /** What stands in the way of a request. */
  fault: (what: string) => Error | null = () => null

  private over<T>(what: string, answer: () => T): Promise<T> {
    const fault = this.fault(what)
    if (fault) return Promise.reject(fault)
    this.seen.push(what)
    return Promise.resolve(answer())
  }

  sendEdits(edits: FieldEdit[], author: string) {
    return this.over(`edits ${edits.map(({ id }) => id).join()} of ${author}`, () => {
      this.edits.push(...edits)
      return edits.map(({ id, record }) => ({ edit: id, record, outcome: 'applied' as const, revision: 1 }))
    })
  }

  sendVisits(visits: Visit[], author: string) {
    return this.over(`visits ${visits.map(({ id }) => id).join()} of ${author}`, () => {
      this.visits.push(...visits)
      return visits.map(({ id }) => ({ visit: id, outcome: 'applied' as const }))
    })
  }

  retract(retractions: { visit: string }[], author: string) {
    return this.over(`undo ${retractions.map(({ visit }) => visit).join()} of ${author}`, () =>
      retractions.map(({ visit }) => ({ visit, outcome: 'applied' as const })),
    )
  }

  photoState = () => Promise.resolve({ received: 0, verified: false })

  putPhoto(sha256: string, offset: number, size: number, bytes: ArrayBuffer) {
    return this.over(`photo ${sha256}`, () => ({
      received: offset + bytes.byteLength,
      verified: offset + bytes.byteLength === size,
    }))
  }
}

const ALL = ['edits a,c of anna', 'edits b of bert', 'visits v of anna', 'undo v of anna', 'photo aa', 'photo bb']

describe('the hand-over of a phone’s file', () => {
  it('sends all as the phone would, in order, in the name of each author', async () => {
    const [opened, office] = [file(), new Stub()]
    const told: number[] = []
    const handed = await new HandOver(opened, office, ({ done }) => told.push(done)).run()
    expect(handed).toEqual({ done: 7, all: 7, returned: 0 })
    expect(office.seen).toEqual(ALL)
    const sent = [...office.edits, ...office.visits].map((one) => [one.id, one])
    const kept = opened.entries.flatMap((entry) =>
      entry.kind === 'photo' || entry.kind === 'undo' ? [] : [[entry.id, entry.payload]],
    )
    expect(Object.fromEntries(sent), 'unchanged').toEqual(Object.fromEntries(kept))
    expect(told).toEqual([2, 3, 4, 5, 6, 7])
  })

  it('goes on after a link that dropped, with the photos too, and sends nothing twice', async () => {
    const office = new Stub()
    const hand = new HandOver(file(), office)
    for (const lost of ['edits b of bert', 'photo aa', 'photo bb']) {
      office.fault = (what) => (what === lost ? new Offline('link') : null)
      await expect(hand.run(), lost).rejects.toThrow(Offline)
      expect(hand.handed.done).toBeLessThan(7)
    }
    office.fault = () => null
    expect(await hand.run()).toEqual({ done: 7, all: 7, returned: 0 })
    expect(office.seen).toEqual(ALL)
  })

  it.each([429, 503, 507, 500, 401])('keeps back what the server cannot take now: status %i', async (status) => {
    const office = new Stub()
    const hand = new HandOver(file(), office)
    office.fault = (what) => (what === 'photo aa' || what.includes('b of') ? refused(status) : null)
    await hand.run().catch((error: unknown) => expect(error).toBeInstanceOf(Refused))
    expect(hand.handed.returned).toBe(0)
    expect(hand.handed.done).toBeLessThan(7)
    office.fault = () => null
    expect(await hand.run()).toEqual({ done: 7, all: 7, returned: 0 })
    expect([...office.seen].sort()).toEqual([...ALL].sort())
  })

  it('lets what is refused for good stop nothing else', async () => {
    const office = new Stub()
    office.fault = (what) => (what === 'photo aa' || /edits.*c/.test(what) ? refused(415) : null)
    expect(await new HandOver(file(), office).run()).toEqual({ done: 7, all: 7, returned: 2 })
    expect(office.seen).toEqual([
      'edits a of anna',
      'edits b of bert',
      'visits v of anna',
      'undo v of anna',
      'photo bb',
    ])
  })

  it('does not take an author whom the server does not know for a refusal of each entry', async () => {
    const office = new Stub()
    office.fault = () => refused(400, { parameter: 'on_behalf_of' })
    const hand = new HandOver(file(), office)
    await expect(hand.run()).rejects.toThrow(Refused)
    expect(hand.handed).toEqual({ done: 0, all: 7, returned: 0 })
  })
})
