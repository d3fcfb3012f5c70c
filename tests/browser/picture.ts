/** A picture made of noise, and its way to the program as a phone sends it. */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { expect } from 'vitest'
import type { Person } from './campaign'

/** A PNG of 96 x 64 pixels, another one for each seed. */
function picture(seed: number): Buffer {
  const [width, height] = [96, 64]
  const rows = Buffer.alloc(height * (1 + 3 * width))
  let state = seed * 2_654_435_761 + 1
  for (let at = 0; at < rows.length; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    rows[at] = at % (1 + 3 * width) === 0 ? 0 : state % 256
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const chunk = (name: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), body])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(body.length)
    sum.writeUInt32BE(crc32(named))
    return Buffer.concat([length, named, sum])
  }
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([start, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

/** Sends it whole; what a visit says of it. */
export async function sendPicture(who: Person, seed: number) {
  const body = picture(seed)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const path = `/api/v1/photos/${sha256}?offset=0&size=${body.length}`
  const answer = await who.put(path, body)
  expect(answer, `PUT ${path}`).toMatchObject({ sha256, verified: true })
  return { sha256, bytes: body.length, media_type: 'image/png' }
}
