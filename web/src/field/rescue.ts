/**
 * The way out of last resort: everything that only this device has, in one encrypted file that can be carried to the office by any means.
 *
 * `ZAITIRESCUE1`, salt (16 bytes), then records: nonce (12), length (4, big-endian), AES-256-GCM of the content. The key is PBKDF2-SHA-256 of the password.
 * Record 0 is the journal in JSON, the others are its photos in order. Each is bound to its place and to whether it is the last, so nothing can be
 * left out, moved or cut off without notice. Records are made and read one by one: the file may be larger than the memory.
 */
import type { Entry, PhotoEntry } from './journal/entries'
import type { FieldStore } from './journal/store'

const MAGIC = new TextEncoder().encode('ZAITIRESCUE1')
const ROUNDS = 600_000
const SALT = 16
const NONCE = 12
export const LEAST_PASSWORD = 10

export interface Rescued {
  device: string
  madeAt: string
  entries: Entry[]
}

export class Unopened extends Error {
  constructor(readonly why: 'format' | 'password') {
    super(why)
  }
}

async function keyOf(password: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(password.normalize('NFC')),
    'PBKDF2',
    false,
    ['deriveKey'],
  )
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }
  return crypto.subtle.deriveKey(how, raw, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

function place(at: number, last: boolean): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${at}${last ? ' last' : ''}`)
}

export async function pack(store: FieldStore, device: string, password: string): Promise<Blob> {
  const entries = await store.entries.where('state').anyOf('saved', 'sealed', 'sent', 'returned').sortBy('counter')
  const photos = entries.filter((entry): entry is PhotoEntry => entry.kind === 'photo')
  const salt = crypto.getRandomValues(new Uint8Array(SALT))
  const key = await keyOf(password, salt)
  const parts: BlobPart[] = [MAGIC, salt]
  const add = async (content: ArrayBuffer | Uint8Array<ArrayBuffer>, at: number) => {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE))
    const additionalData = place(at, at === photos.length)
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, content)
    const length = new DataView(new ArrayBuffer(4))
    length.setUint32(0, sealed.byteLength)
    parts.push(new Blob([iv, length, sealed]))
  }
  const head: Rescued = { device, madeAt: new Date().toISOString(), entries }
  await add(new TextEncoder().encode(JSON.stringify(head)), 0)
  for (const [at, photo] of photos.entries()) {
    const kept = await store.photos.get(photo.payload.sha256)
    await add((await kept?.original?.arrayBuffer()) ?? new ArrayBuffer(0), at + 1)
  }
  return new Blob(parts, { type: 'application/octet-stream' })
}

export interface Opened extends Rescued {
  /** Photos one by one, in the order of their entries. */
  photos: AsyncGenerator<{ entry: PhotoEntry; bytes: ArrayBuffer }>
}

export async function unpack(file: Blob, password: string): Promise<Opened> {
  const head = new Uint8Array(await file.slice(0, MAGIC.length + SALT).arrayBuffer())
  if (head.length < MAGIC.length + SALT || MAGIC.some((byte, at) => head[at] !== byte)) throw new Unopened('format')
  const key = await keyOf(password, head.slice(MAGIC.length))
  let offset = MAGIC.length + SALT
  const next = async (at: number) => {
    const frame = await file.slice(offset, offset + NONCE + 4).arrayBuffer()
    if (frame.byteLength < NONCE + 4) throw new Unopened('format')
    const length = new DataView(frame).getUint32(NONCE)
    const start = offset + NONCE + 4
    offset = start + length
    if (offset > file.size) throw new Unopened('format')
    const sealed = await file.slice(start, offset).arrayBuffer()
    const additionalData = place(at, offset === file.size)
    const how = { name: 'AES-GCM', iv: frame.slice(0, NONCE), additionalData }
    return crypto.subtle.decrypt(how, key, sealed).catch(() => {
      throw new Unopened(at === 0 ? 'password' : 'format')
    })
  }
  const rescued = JSON.parse(new TextDecoder().decode(await next(0))) as Rescued
  const expected = rescued.entries.filter((entry): entry is PhotoEntry => entry.kind === 'photo')
  async function* photos() {
    for (const [at, entry] of expected.entries()) yield { entry, bytes: await next(at + 1) }
  }
  return { ...rescued, photos: photos() }
}
