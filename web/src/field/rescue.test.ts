import 'fake-indexeddb/auto'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Draft, Wish } from './journal/entries'
import { Journal } from './journal/journal'
import { ABOUT, edit, photo, visit } from './journal/sample'
import { FieldStore } from './journal/store'
import { isNoRoom, pack, unpack } from './rescue'

let names = 0
const PASSWORD = 'correct hörse 载体'

function picture(id: string, size: number, fill: number): Wish {
  const bytes = Buffer.alloc(size, fill)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { ...photo(id, sha256, size), original: new Blob([bytes]) } as Wish
}

async function full(): Promise<Journal> {
  const journal = new Journal(new FieldStore(`rescue-${++names}`))
  await journal.append(ABOUT, [picture('p', 300_000, 1), picture('q', 10, 2)])
  await journal.append(ABOUT, [edit('a', 'x'), visit('v', ['a'])])
  const draft = {
    record: 'r-2',
    campaign: 'c',
    code: 'P-2',
    visit: 'v-2',
    answers: { note: 'half' },
  } as unknown as Draft
  await journal.saveDraft(draft)
  return journal
}
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())
const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)

async function readAll(file: Blob) {
  const opened = await unpack(file, PASSWORD)
  const photos = opened.entries.flatMap((entry) => (entry.kind === 'photo' ? [entry] : []))
  return Promise.all(photos.map(async (entry) => [entry.id, (await opened.photo(entry))?.size]))
}

describe('the file of last resort', () => {
  it('holds the journal, what is unfinished and the photos, for who knows the password', async () => {
    const journal = await full()
    const file = await pack(journal.store, 'device', PASSWORD)
    const opened = await unpack(file, PASSWORD.normalize('NFD'))
    expect(opened.entries).toEqual(await journal.store.entries.toArray())
    expect(opened.drafts).toEqual(await journal.store.drafts.toArray())
    expect(opened.manifest).toMatchObject({
      format: 'zaiti-rescue',
      version: 1,
      device: 'device',
      accounts: ['anna'],
      counts: { edits: 1, visits: 1, photos: 2, drafts: 1 },
    })
    const sizes = [
      ['p', 300_000],
      ['q', 10],
    ]
    expect(await readAll(file)).toEqual(sizes)
    expect(await readAll(file), 'as often as somebody asks').toEqual(sizes)
    await expect(unpack(file, 'wrong horse')).rejects.toMatchObject({ why: 'password' })
    await expect(unpack(new Blob(['PK something else']), 'x')).rejects.toMatchObject({ why: 'format' })
  }, 30_000)

  it('says nothing of its content, and notices what was cut off, left out or changed', async () => {
    const journal = await full()
    const bytes = await bytesOf(await pack(journal.store, 'device', PASSWORD))
    expect(text(bytes)).not.toMatch(/P-1|anna|parcels/)
    const read = (changed: Uint8Array<ArrayBuffer>) => readAll(new Blob([changed]))
    await read(bytes)
    for (const end of [bytes.length - 1, bytes.length - 30, bytes.length / 2, 100])
      await expect(read(bytes.slice(0, end)), `cut off at ${end}`).rejects.toMatchObject({ why: 'format' })
    const flipped = bytes.slice()
    flipped[1_000] = (flipped[1_000] ?? 0) ^ 1
    await expect(read(flipped)).rejects.toMatchObject({ why: 'format' })
    // A photo under another name is a photo that is missing: that is noticed before anything is handed over.
    const { manifest } = await unpack(new Blob([bytes]), PASSWORD)
    const hidden = Buffer.from(text(bytes).replaceAll(manifest.photos[1] ?? '?', 'x'.repeat(75)), 'latin1')
    await expect(unpack(new Blob([new Uint8Array(hidden)]), PASSWORD)).rejects.toMatchObject({ why: 'format' })
  }, 30_000)

  it('knows when there is no room, in each of the ways in which browsers say it', () => {
    expect(isNoRoom(new DOMException('full', 'QuotaExceededError'))).toBe(true)
    expect(isNoRoom(new RangeError('Array buffer allocation failed'))).toBe(true)
    expect(isNoRoom(new TypeError('a defect'))).toBe(false)
  })
})

describe('another program', () => {
  let folder = ''
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'rescue-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const run = (...how: string[]) => spawnSync('7z', how, { cwd: folder, encoding: 'utf8' })

  it('opens it with the password, and only with it', async () => {
    const journal = await full()
    writeFileSync(join(folder, 'file.zip'), await bytesOf(await pack(journal.store, 'device', 'correct horse')))
    const listed = run('l', '-slt', 'file.zip')
    expect(listed.error, 'the Debian package 7zip or p7zip-full has the program').toBeUndefined()
    const methods = listed.stdout.match(/^Method = .*$/gm) ?? []
    expect(methods).toHaveLength(5)
    expect(
      methods.every((method) => method.includes('AES-256')),
      methods.join(),
    ).toBe(true)
    expect(run('x', '-pwrong horse', '-owrong', 'file.zip').status).not.toBe(0)
    expect(run('x', '-pcorrect horse', '-oright', 'file.zip')).toMatchObject({ status: 0 })
    const kept = (path: string) => readFileSync(join(folder, 'right', path))
    const entries = JSON.parse(kept('entries.json').toString()) as unknown
    expect(entries).toEqual(JSON.parse(JSON.stringify(await journal.store.entries.toArray())))
    const { photos } = JSON.parse(kept('manifest.json').toString()) as { photos: string[] }
    const hashes = photos.map((path) => `photos/${createHash('sha256').update(kept(path)).digest('hex')}.jpg`)
    expect(hashes).toEqual(photos)
  }, 30_000)
})
