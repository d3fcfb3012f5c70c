/**
 * The way out of last resort: everything that only this device has, in one file that can be carried to the office by any means. It is a ZIP encrypted with
 * AES-256 (WinZip AE-2), so that other programs open it with the password when nothing of ours is at hand:
 *
 * `manifest.json` says whose it is and what belongs to it, `entries.json` is the journal, `drafts.json` what was not finished, `photos/HASH.jpg` the pictures.
 * Each part is authenticated by itself, and the manifest names the photos: nothing can be changed, left out or cut off without notice. Photos go in and
 * come out one by one: the file may be larger than the memory.
 *
 * Nothing is compressed: photos are already, and the codecs of the library would need more rights than the security policy of the page gives.
 */
import type { Draft, Entry, PhotoEntry } from './journal/entries'
import type { FieldStore } from './journal/store'

export const FORMAT = 'zaiti-rescue'
const VERSION = 1
export const LEAST_PASSWORD = 10
const AES_256 = 3

/** What is said of the file in the file. */
export interface Manifest {
  format: typeof FORMAT
  version: typeof VERSION
  device: string
  /** Account names of whose entries there are. */
  accounts: string[]
  /** ISO 8601. */
  made_at: string
  counts: { edits: number; visits: number; photos: number; drafts: number }
  /** Paths of the photos that this device still had. */
  photos: string[]
}

export interface Rescued {
  manifest: Manifest
  entries: Entry[]
  drafts: Draft[]
}

export interface Opened extends Rescued {
  /** The picture of an entry, as often as it is asked for; `null` where the phone no longer had it. */
  photo(entry: PhotoEntry): Promise<Blob | null>
}

export class Unopened extends Error {
  constructor(readonly why: 'format' | 'password') {
    super(why)
  }
}

/** The library comes when it is needed: with the page it would be a burden for everybody. */
async function library() {
  const zip = await import('@zip.js/zip.js/lib/zip-core-custom.js')
  zip.configure({ useWebWorkers: false })
  return zip
}

const key = (password: string) => password.normalize('NFC')

const ENDINGS: Record<string, string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' }

function pathOf({ payload }: PhotoEntry): string {
  return `photos/${payload.sha256}.${ENDINGS[payload.media_type] ?? 'bin'}`
}

const isPhoto = (entry: Entry): entry is PhotoEntry => entry.kind === 'photo'

export async function pack(store: FieldStore, device: string, password: string): Promise<Blob> {
  const { ZipWriter, BlobWriter, TextReader, BlobReader } = await library()
  const entries = await store.entries.where('state').anyOf('saved', 'sealed', 'sent', 'returned').sortBy('counter')
  const drafts = await store.drafts.toArray()
  const pictures = new Map(entries.filter(isPhoto).map((entry) => [pathOf(entry), entry.payload.sha256]))
  const zip = new ZipWriter(new BlobWriter('application/zip'), {
    password: key(password),
    encryptionStrength: AES_256,
    level: 0,
    useWebWorkers: false,
  })
  const here: string[] = []
  for (const [path, sha256] of pictures) {
    const original = (await store.photos.get(sha256))?.original
    if (!original) continue
    await zip.add(path, new BlobReader(original))
    here.push(path)
  }
  const count = (kind: Entry['kind']) => entries.filter((entry) => entry.kind === kind).length
  const manifest: Manifest = {
    format: FORMAT,
    version: VERSION,
    device,
    accounts: [...new Set(entries.map((entry) => entry.account))],
    made_at: new Date().toISOString(),
    counts: { edits: count('edit'), visits: count('visit'), photos: count('photo'), drafts: drafts.length },
    photos: here,
  }
  const documents = { 'entries.json': entries, 'drafts.json': drafts, 'manifest.json': manifest }
  for (const [path, content] of Object.entries(documents))
    await zip.add(path, new TextReader(JSON.stringify(content, null, 1)))
  return zip.close()
}

export async function unpack(file: Blob, password: string): Promise<Opened> {
  const { ZipReader, BlobReader, BlobWriter, TextWriter } = await library()
  const zip = new ZipReader(new BlobReader(file), { password: key(password), useWebWorkers: false })
  const all = await zip.getEntries().catch(() => {
    throw new Unopened('format')
  })
  const parts = new Map(all.map((part) => [part.filename, part]))
  const part = (path: string) => {
    const found = parts.get(path)
    // What is not encrypted is not of the phone, whoever put it there.
    if (!found || found.directory || !found.encrypted || found.zipCrypto) throw new Unopened('format')
    return found
  }
  const read = (path: string, fault: 'format' | 'password') => {
    const found = part(path)
    return found.getData(new TextWriter()).catch(() => {
      throw new Unopened(fault)
    })
  }
  const document = async <T>(path: string, fault: 'format' | 'password') => JSON.parse(await read(path, fault)) as T
  const manifest = await document<Manifest>('manifest.json', 'password')
  if (manifest.format !== FORMAT || manifest.version !== VERSION) throw new Unopened('format')
  const entries = await document<Entry[]>('entries.json', 'format')
  const drafts = await document<Draft[]>('drafts.json', 'format')
  for (const path of manifest.photos) part(path)
  const kept = new Set(manifest.photos)
  const photo = async (entry: PhotoEntry) => {
    const path = pathOf(entry)
    if (!kept.has(path)) return null
    return part(path)
      .getData(new BlobWriter(entry.payload.media_type))
      .catch(() => {
        throw new Unopened('format')
      })
  }
  return { manifest, entries, drafts, photo }
}

/** Whether the file could not be made because there was no room or memory for it: browsers say it in several ways. */
export function isNoRoom(error: unknown): boolean {
  if (error instanceof RangeError) return true
  return (
    error instanceof DOMException && ['QuotaExceededError', 'NotReadableError', 'UnknownError'].includes(error.name)
  )
}
