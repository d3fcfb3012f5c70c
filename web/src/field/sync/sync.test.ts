import 'fake-indexeddb/auto'
import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { Offline, Refused } from '../../api/client'
import type { FieldEdit, PhotoState, Retraction, Visit, VisitReceipt } from '../../api/field'
import type { Feature, Receipt } from '../../api/types'
import { again, mayGoAgain } from '../journal/again'
import { hasten } from '../journal/hasten'
import { GRACE_MS, Journal } from '../journal/journal'
import type { Entry, Wish } from '../journal/entries'
import { DAY_MS, prune } from '../journal/prune'
import { ABOUT, edit, photo, visit } from '../journal/sample'
import { FieldStore } from '../journal/store'
import { standing } from '../journal/standing'
import { undo } from '../journal/undo'
import { values } from '../view'
import { backoff, Sync, type Server } from './sync'
import { CHUNK_BYTES } from './upload'

/** Reproducible numbers from 0 to 1. */
function lots(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const refused = (status: number, more = {}) =>
  new Refused({ type: `test-${status}`, title: `refused ${status}`, status, ...more })

/** A server in memory that counts effects, over a link that loses requests and answers. */
class Stub implements Server {
  effects = new Map<string, number>()
  receipts = new Map<string, Receipt>()
  visits = new Map<string, VisitReceipt>()
  photos = new Map<string, { size: number; parts: Buffer[] }>()
  decisions = new Map<string, 'approved' | 'rejected'>()
  /** Versions that were written by decisions. */
  written = new Map<string, number>()
  poison = new Set<string>()
  /** Bytes of photos that there is room for. */
  room = Infinity
  /** Called before each piece of a photo. */
  before: (offset: number) => void = () => undefined
  /** Records of which visits are set apart. */
  foreign = new Set<string>()
  retracted: string[] = []
  requests = 0
  heardOf: number[] = []
  lose: (what: 'request' | 'answer') => boolean = () => false
  /** Who is logged in, and may bring nothing for somebody else. */
  login = 'anna'

  private async over<T>(work: () => T): Promise<T> {
    this.requests += 1
    if (this.lose('request')) throw new Offline('request')
    const answer = work()
    if (this.lose('answer')) throw new Offline('answer')
    return answer
  }

  private check(author: string) {
    if (author !== this.login) throw refused(403, { parameter: 'on_behalf_of' })
  }

  sendEdits(edits: FieldEdit[], author: string): Promise<Receipt[]> {
    return this.over(() => {
      this.check(author)
      if (edits.some((one) => this.poison.has(one.id))) throw refused(500)
      if (edits.some((one) => one.record === 'bad')) throw refused(400, { detail: 'no such record' })
      return edits.map((one) => this.receipts.get(one.id) ?? this.judge(one))
    })
  }

  private judge(edit: FieldEdit): Receipt {
    this.effects.set(edit.id, (this.effects.get(edit.id) ?? 0) + 1)
    const note = edit.set['note']
    const outcome = note === 'mine' ? 'conflict' : note === 'proposed' ? 'proposed' : 'applied'
    const receipt: Receipt = { edit: edit.id, record: edit.record, outcome, revision: this.effects.size }
    // What is only proposed makes no version.
    if (outcome !== 'proposed') receipt.version = 4
    this.receipts.set(edit.id, receipt)
    return receipt
  }

  sendVisits(visits: Visit[], author: string): Promise<VisitReceipt[]> {
    return this.over(() => {
      this.check(author)
      return visits.map((one) => {
        if (one.note === 'large')
          return { visit: one.id, outcome: 'returned' as const, reason: 'text-too-long', detail: 'large', kept: false }
        for (const id of one.edits) if (!this.receipts.has(id)) throw refused(400, { detail: `no edit ${id}` })
        const outcome = this.foreign.has(one.record) ? ('proposed' as const) : ('applied' as const)
        this.visits.set(one.id, { visit: one.id, outcome })
        return { visit: one.id, outcome }
      })
    })
  }

  retract(retractions: Retraction[], author: string): Promise<VisitReceipt[]> {
    return this.over(() => {
      this.check(author)
      return retractions.map(({ visit }) => {
        const outcome =
          this.visits.has(visit) && !this.decisions.has(visit) ? ('applied' as const) : ('returned' as const)
        if (outcome === 'applied') this.retracted.push(visit)
        return { visit, outcome }
      })
    })
  }

  visitStatus(ids: string[]) {
    return this.over(() =>
      ids.map((id) => {
        const verdict = this.decisions.get(id)
        return { receipt: this.visits.get(id) ?? null, review: verdict ? { verdict, reason: 'looked at' } : null }
      }),
    )
  }

  editStatus(ids: string[]) {
    return this.over(() =>
      ids.flatMap((id) => {
        const receipt = this.receipts.get(id)
        const verdict = this.decisions.get(id)
        const version = this.written.get(id)
        const written = receipt && version ? { ...receipt, edit: `${id}-written`, version } : null
        return receipt ? [{ receipt, decision: verdict ? { verdict, reason: 'because' } : null, written }] : []
      }),
    )
  }

  private stateOf(sha256: string): PhotoState {
    const bytes = Buffer.concat(this.photos.get(sha256)?.parts ?? [])
    const whole = bytes.length === this.photos.get(sha256)?.size
    return { received: bytes.length, verified: whole && createHash('sha256').update(bytes).digest('hex') === sha256 }
  }

  photoState(sha256: string): Promise<PhotoState> {
    return this.over(() => {
      if (!this.photos.has(sha256)) throw refused(404)
      return this.stateOf(sha256)
    })
  }

  putPhoto(sha256: string, offset: number, size: number, bytes: ArrayBuffer): Promise<PhotoState> {
    return this.over(() => {
      this.before(offset)
      if (size > this.room) throw refused(507, { type: '/problems/photo-quota', detail: 'given 2, expected at most 1' })
      const known = this.photos.get(sha256) ?? { size, parts: [] }
      const { received } = this.stateOf(sha256)
      if (offset !== received) throw refused(409, { received })
      expect(bytes.byteLength).toBeLessThanOrEqual(CHUNK_BYTES)
      this.photos.set(sha256, { size, parts: [...known.parts, Buffer.from(bytes)] })
      return this.stateOf(sha256)
    })
  }

  heard(_device: string, pending: number): Promise<void> {
    return this.over(() => void this.heardOf.push(pending))
  }
}

let clock = 1_000_000
let names = 0
let journal: Journal
let server: Stub
let sync: Sync

beforeEach(() => {
  journal = new Journal(new FieldStore(`sync-${++names}`), () => clock)
  server = new Stub()
  sync = new Sync(journal, server, lots(1))
})

async function save(id: string, edits: string[], value = 'x') {
  const about = { ...ABOUT, visit: id, record: `r-${id}` }
  await journal.append(about, [...edits.map((one) => edit(one, value)), visit(id, edits)])
  clock += GRACE_MS
}
const states = async () =>
  Object.fromEntries((await journal.store.entries.toArray()).map((entry) => [entry.id, entry.state]))

describe('the sync', () => {
  it('sends edits, then visits, and says how much is left', async () => {
    await save('v1', ['a', 'b'])
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({ a: 'applied', b: 'applied', v1: 'applied' })
    expect(server.heardOf).toEqual([0])
  })

  it('keeps a visit that was set apart until a person has decided on it, then lets it go like any other', async () => {
    server.foreign = new Set(['r-good', 'r-bad', 'r-open'])
    for (const id of ['good', 'bad', 'open']) {
      await journal.append({ ...ABOUT, visit: id, record: `r-${id}` }, [
        { ...visit(id), payload: { ...visit(id).payload, record: `r-${id}` } } as Wish,
      ])
      clock += GRACE_MS
    }
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({ good: 'proposed', bad: 'proposed', open: 'proposed' })
    clock += 15 * DAY_MS
    expect(await prune(journal.store, clock, () => true)).toEqual([])
    server.decisions = new Map([
      ['good', 'approved'],
      ['bad', 'rejected'],
    ])
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({ good: 'applied', bad: 'returned', open: 'proposed' })
    const [, bad] = await journal.store.entries.toArray()
    expect(bad?.answer).toEqual({ outcome: 'returned', reason: 'rejected', detail: 'looked at' })
    expect(await prune(journal.store, clock, () => true)).toEqual(['r-good', 'r-bad'])
    expect(await states()).toEqual({ open: 'proposed' })
  })

  it('tells the server of a visit that was taken back after the visit itself, once, and lets it stand where the server says so', async () => {
    await save('v1', ['a'])
    await save('v2', ['b'])
    let last = false
    server.lose = (what) => what === 'answer' && last
    expect(await journal.seal('edit', 'anna', 10)).toHaveLength(2)
    for (const id of ['v1', 'v2']) expect(await undo(journal, id, 'next')).toBe('undone')
    clock += GRACE_MS
    server.decisions.set('v2', 'approved')
    last = true
    while ((await sync.round('anna')) === 'link') last = server.requests % 2 === 0
    expect(server.retracted.filter((id) => id !== 'v1')).toEqual([])
    expect(server.retracted).toContain('v1')
    const entries = await journal.store.entries.toArray()
    expect(entries.filter((entry) => entry.kind === 'undo').map((entry) => entry.state)).toEqual([
      'applied',
      'returned',
    ])
    const stands = (id: string) => standing(entries.filter((entry) => entry.record === `r-${id}`)).visit?.id
    expect([stands('v1'), stands('v2')]).toEqual([undefined, 'v2'])
    // The value that stood there before was set again by an edit of its own.
    const again = entries.filter((entry) => entry.kind === 'edit' && entry.visit === 'v1')
    expect(again.map((entry) => entry.kind === 'edit' && entry.payload.set)).toEqual([{ note: 'x' }, { note: null }])
    expect(await journal.unsent()).toBe(0)
  })

  it('stops when the link is gone, and keeps all', async () => {
    await save('v1', ['a'])
    server.lose = () => true
    expect(await sync.round('anna')).toBe('link')
    expect(await states()).toEqual({ a: 'sent', v1: 'saved' })
    server.lose = () => false
    clock += GRACE_MS
    expect(await sync.round('anna')).toBe('done')
    expect(await journal.unsent()).toBe(0)
  })

  it('sends the same ids again when the answer was lost, with one effect', async () => {
    await save('v1', ['a'])
    let first = true
    server.lose = (what) => what === 'answer' && first && !(first = false)
    expect(await sync.round('anna')).toBe('link')
    expect(server.effects.get('a')).toBe(1)
    await sync.round('anna')
    expect(server.effects.get('a')).toBe(1)
    expect(await states()).toEqual({ a: 'applied', v1: 'applied' })
  })

  it('lets no bad edit hold the others up: refused ones are returned, broken ones wait by themselves', async () => {
    await journal.append(
      { ...ABOUT, visit: 'v1' },
      ['a', 'b', 'c', 'd', 'e'].map((id) => edit(id, 'x')),
    )
    await journal.append({ ...ABOUT, visit: 'v2' }, [
      { ...edit('bad', 'x'), payload: { ...(edit('bad', 'x').payload as FieldEdit), record: 'bad' } } as never,
    ])
    server.poison.add('c')
    clock += GRACE_MS
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({
      a: 'applied',
      b: 'applied',
      c: 'sent',
      d: 'applied',
      e: 'applied',
      bad: 'returned',
    })
    const bad = (await journal.store.entries.toArray()).find((entry) => entry.id === 'bad')
    expect(bad?.answer).toMatchObject({ outcome: 'returned', detail: 'no such record' })
    expect(bad?.kind === 'edit' && bad.payload.set).toEqual({ note: 'x' })
    server.poison.clear()
    clock += 300_000
    await sync.round('anna')
    expect((await states())['c']).toBe('applied')
  })

  it('asks what people decided of conflicts', async () => {
    await save('v1', ['a'], 'mine')
    await sync.round('anna')
    expect(await states()).toEqual({ a: 'conflict', v1: 'applied' })
    server.decisions.set('a', 'approved')
    await sync.round('anna')
    expect((await states())['a']).toBe('applied')
  })

  it('shows what was proposed until a package has what was written of it, if anything was', async () => {
    await save('v1', ['a', 'b', 'c'], 'proposed')
    await sync.round('anna')
    server.decisions = new Map([
      ['a', 'approved'],
      ['b', 'approved'],
    ])
    server.written.set('a', 7)
    await sync.round('anna')
    expect(await states()).toEqual({ a: 'applied', b: 'applied', c: 'proposed', v1: 'applied' })
    const [a, b, c] = await journal.store.entries.toArray()
    const packed = (version: number) =>
      ({ properties: { code: 'P-1', collection: 'parcels', version, note: 'theirs' } }) as unknown as Feature
    const shown = (version: number, ...entries: (Entry | undefined)[]) =>
      values(packed(version), entries as Entry[])['note']
    expect([shown(6, a), shown(7, a), shown(8, a)]).toEqual(['proposed', 'theirs', 'theirs'])
    expect(shown(3, b), 'the value that stood was kept').toBe('theirs')
    expect(shown(8, c), 'nobody has decided').toBe('proposed')
  })

  it('asks for a login and keeps all', async () => {
    await save('v1', ['a'])
    server.sendEdits = () => Promise.reject(refused(401))
    expect(await sync.round('anna')).toBe('login')
    expect(await journal.unsent()).toBe(2)
  })

  it('sends nothing in the name of somebody who logs in while it is at it', async () => {
    await save('v1', ['a'])
    const first = server.sendEdits.bind(server)
    server.sendEdits = async (edits, author) => {
      const receipts = await first(edits, author)
      server.login = 'bert'
      return receipts
    }
    expect(await sync.round('anna')).toBe('login')
    expect(await states()).toEqual({ a: 'applied', v1: 'sent' })
    server.login = 'anna'
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({ a: 'applied', v1: 'applied' })
  })

  it('sends nothing that somebody else saved on this device', async () => {
    await save('v1', ['a'])
    expect(await sync.round('bert')).toBe('done')
    expect(server.effects.size).toBe(0)
  })

  it('sends photos in pieces, goes on where the server is, and believes only its verification', async () => {
    const bytes = Buffer.alloc(CHUNK_BYTES * 3 + 17, 7)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const payload = {
      sha256,
      bytes: bytes.length,
      media_type: 'image/jpeg',
      slot: 'front',
      taken_at: '2026-01-05T09:00:00Z',
    }
    const wish = { kind: 'photo' as const, id: 'p', payload, original: new Blob([bytes]), thumb: new Blob(['t']) }
    await journal.append({ ...ABOUT, visit: 'v1' }, [wish])
    await sync.round('anna')
    expect(server.photos.size, 'a photo of a draft stays').toBe(0)
    await save('v1', ['a'])
    let answers = 0
    // The link goes after the second piece, whose answer is lost.
    server.lose = (what) => what === 'answer' && server.photos.size > 0 && ++answers === 2
    expect(await sync.round('anna')).toBe('link')
    expect((await states())['p']).toBe('sent')
    server.lose = () => false
    clock += GRACE_MS
    await sync.round('anna')
    expect((await states())['p']).toBe('applied')
    expect(Buffer.concat(server.photos.get(sha256)?.parts ?? []).equals(bytes)).toBe(true)
  })

  async function savePhoto(): Promise<Buffer> {
    const bytes = Buffer.alloc(CHUNK_BYTES * 3 + 17, 7)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const wish = photo('p', sha256, bytes.length)
    await journal.append({ ...ABOUT, visit: 'v1' }, [{ ...wish, original: new Blob([bytes]) } as Wish])
    await save('v1', ['a'])
    return bytes
  }
  const arrived = () => Buffer.concat([...server.photos.values()].flatMap((each) => each.parts))

  it('begins a photo again when the server has let go of what it had, between two rounds and within one', async () => {
    const bytes = await savePhoto()
    server.before = (offset) => {
      if (offset === 2 * CHUNK_BYTES) throw new Offline('piece')
    }
    expect(await sync.round('anna')).toBe('link')
    expect(arrived()).toHaveLength(2 * CHUNK_BYTES)
    server.photos.clear()
    let forgets = true
    const offsets: number[] = []
    server.before = (offset) => {
      offsets.push(offset / CHUNK_BYTES)
      if (offset > 0 && forgets) {
        forgets = false
        server.photos.clear()
      }
    }
    expect(await sync.round('anna')).toBe('done')
    expect(offsets).toEqual([0, 1, 0, 1, 2, 3])
    expect((await states())['p']).toBe('applied')
    expect(arrived().equals(bytes)).toBe(true)
  })

  it('begins a photo again whose bytes arrived wrong, gives it back when that happens twice, and sends it when somebody asks for it', async () => {
    const bytes = await savePhoto()
    let wrong = 1
    server.before = (offset) => {
      if (offset !== 3 * CHUNK_BYTES || wrong === 0) return
      wrong -= 1
      server.photos.clear()
      throw refused(422, { type: '/problems/wrong-hash', detail: 'other bytes', received: 0 })
    }
    expect(await sync.round('anna')).toBe('done')
    expect((await states())['p'], 'once is bad luck').toBe('applied')
    expect(arrived().equals(bytes)).toBe(true)

    await journal.clear()
    server.photos.clear()
    wrong = 2
    await savePhoto()
    expect(await sync.round('anna')).toBe('done')
    const kept = async () => (await journal.store.entries.toArray()).find((entry) => entry.id === 'p')
    expect(await kept()).toMatchObject({
      state: 'returned',
      answer: { outcome: 'returned', reason: '/problems/wrong-hash', detail: 'other bytes', kept: false },
    })
    clock += 15 * DAY_MS
    expect(await prune(journal.store, clock, () => true), 'only this device has it').toEqual([])
    await again(journal, 'a')
    expect(mayGoAgain((await kept())!)).toBe(true)
    await again(journal, 'p')
    expect(await sync.round('anna')).toBe('done')
    expect((await kept())?.state).toBe('applied')
    expect(arrived().equals(bytes)).toBe(true)
  })

  it('learns that an edit which nobody can read is here alone, and lets it stay', async () => {
    await save('v1', ['a'])
    server.sendEdits = (edits) =>
      Promise.resolve(
        edits.map(({ id, record }) => ({
          edit: id,
          record,
          outcome: 'returned',
          reason: 'unreadable-edit',
          detail: 'large',
          kept: false,
          revision: 1,
        })),
      )
    server.receipts.set('a', {} as Receipt)
    expect(await sync.round('anna')).toBe('done')
    expect(await states()).toEqual({ a: 'returned', v1: 'applied' })
    clock += 15 * DAY_MS
    expect(await prune(journal.store, clock, () => true)).toEqual([])
    expect(await states()).toEqual({ a: 'returned', v1: 'applied' })
  })

  it('keeps a photo for which there is no room, says why, and sends it when somebody asks for it', async () => {
    const bytes = await savePhoto()
    server.room = bytes.length - 1
    expect(await sync.round('anna')).toBe('done')
    const waiting = async () => (await journal.store.entries.toArray()).find((entry) => entry.id === 'p')
    expect(await waiting()).toMatchObject({
      state: 'sent',
      hindrance: { type: '/problems/photo-quota', detail: 'given 2, expected at most 1' },
    })
    expect((await journal.store.photos.toArray())[0]?.original).not.toBeNull()
    expect(await journal.clear(), 'it is unsent').toBe(false)
    server.room = Infinity
    await sync.round('anna')
    expect((await waiting())?.state, 'it waits').toBe('sent')
    await hasten(journal.store)
    await sync.round('anna')
    expect(await waiting()).toMatchObject({ state: 'applied', hindrance: undefined })
    expect(arrived().equals(bytes)).toBe(true)
  })

  it('marks what the server has returned and does not keep', async () => {
    const large = visit('v1')
    await journal.append({ ...ABOUT, visit: 'v1' }, [
      { ...large, payload: { ...large.payload, note: 'large' } } as Wish,
      { ...edit('bad', 'x'), payload: { ...edit('bad', 'x').payload, record: 'bad' } } as Wish,
    ])
    clock += GRACE_MS
    await sync.round('anna')
    const kept = (await journal.store.entries.toArray()).map((entry) => [entry.state, entry.answer?.kept])
    expect(kept).toEqual([
      ['returned', false],
      ['returned', false],
    ])
  })

  it.each([1, 2, 3, 4, 5])(
    'loses nothing and does nothing twice over a link that drops every other request, seed %i',
    async (seed) => {
      const lot = lots(seed)
      server.lose = () => lot() < 0.3
      for (let n = 0; n < 40; n += 1) await save(`v${n}`, [`a${n}`, `b${n}`], lot() < 0.2 ? 'mine' : 'x')
      let rounds = 0
      while ((await journal.unsent()) > 0 && rounds < 500) {
        await sync.round('anna')
        // The program is ended between two rounds and begins anew with what is on the disk.
        journal = new Journal(journal.store, () => clock)
        sync = new Sync(journal, server, lots(seed))
        clock += 10_000
        rounds += 1
      }
      expect(await journal.unsent()).toBe(0)
      expect(server.effects.size).toBe(80)
      expect([...server.effects.values()].every((times) => times === 1)).toBe(true)
      expect(server.visits.size).toBe(40)
    },
  )

  it('waits longer after each failure, at most five minutes and a quarter', () => {
    const waits = Array.from({ length: 12 }, (_, at) => backoff(at + 1, 0.5))
    expect(waits[0]).toBe(2_000)
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(backoff(50, 1)).toBe(375_000)
  })
})
