import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { Refused } from '../api/client'
import { handOver } from './handover'
import { Journal } from './journal/journal'
import { ABOUT, edit, photo, visit } from './journal/sample'
import { FieldStore } from './journal/store'
import { pack, unpack } from './rescue'

let names = 0
async function full(): Promise<Journal> {
  const journal = new Journal(new FieldStore(`rescue-${++names}`))
  await journal.append(ABOUT, [photo('p', 'aa', 3000), photo('q', 'bb', 10)])
  await journal.append(ABOUT, [edit('a', 'x'), visit('v', ['a'])])
  return journal
}
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())

describe('the file of last resort', () => {
  it('holds the journal and the photos, for who knows the password', async () => {
    const journal = await full()
    const file = await pack(journal.store, 'device', 'correct horse')
    const opened = await unpack(file, 'correct horse')
    expect(opened.entries).toEqual(await journal.store.entries.toArray())
    const photos = []
    for await (const { entry, bytes } of opened.photos) photos.push([entry.id, bytes.byteLength])
    expect(photos).toEqual([
      ['p', 3000],
      ['q', 10],
    ])
    await expect(unpack(file, 'wrong horse')).rejects.toMatchObject({ why: 'password' })
    await expect(unpack(new Blob(['PK something else']), 'x')).rejects.toMatchObject({ why: 'format' })
  }, 30_000)

  it('says nothing of its content, and notices what was cut off or changed', async () => {
    const journal = await full()
    const file = await pack(journal.store, 'device', 'correct horse')
    const bytes = await bytesOf(file)
    expect(new TextDecoder('latin1').decode(bytes)).not.toMatch(/P-1|anna|parcels/)
    const read = async (changed: Uint8Array<ArrayBuffer>) => {
      const opened = await unpack(new Blob([changed]), 'correct horse')
      for await (const one of opened.photos) void one
    }
    await read(bytes)
    // The last photo left out: what is then the last was not sealed as the last.
    const last = 12 + 4 + 10 + 16
    await expect(read(bytes.slice(0, bytes.length - last))).rejects.toMatchObject({ why: 'format' })
    const flipped = bytes.slice()
    flipped[flipped.length - 20] = (flipped[flipped.length - 20] ?? 0) ^ 1
    await expect(read(flipped)).rejects.toMatchObject({ why: 'format' })
  }, 30_000)

  it('is handed over in order, with the name of who stood there, and one refused photo does not stop the rest', async () => {
    const journal = await full()
    const opened = await unpack(await pack(journal.store, 'device', 'correct horse'), 'correct horse')
    const seen: string[] = []
    const server = {
      sendEdits: (edits: { id: string; record: string }[]) => {
        seen.push('edits')
        return Promise.resolve(
          edits.map(({ id, record }) => ({ edit: id, record, outcome: 'applied' as const, revision: 1 })),
        )
      },
      sendVisits: (visits: { id: string; note?: string }[]) => {
        seen.push(`visits ${visits[0]?.note}`)
        return Promise.resolve(visits.map(({ id }) => ({ visit: id, outcome: 'applied' as const })))
      },
      photoState: () => Promise.resolve({ received: 0, verified: false }),
      putPhoto: (sha256: string, offset: number, size: number, bytes: ArrayBuffer) => {
        seen.push(`photo ${sha256}`)
        if (sha256 === 'aa') return Promise.reject(new Refused({ type: 'x', title: 'no', status: 415 }))
        return Promise.resolve({ received: offset + bytes.byteLength, verified: offset + bytes.byteLength === size })
      },
    }
    const handed = await handOver(opened, server, 'on behalf of anna', () => undefined)
    expect(handed).toEqual({ done: 4, all: 4, returned: 1 })
    expect(seen).toEqual(['edits', 'visits on behalf of anna', 'photo aa', 'photo bb'])
  }, 30_000)
})
