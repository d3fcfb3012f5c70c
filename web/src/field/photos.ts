/** A photo as it was taken, its hash, and a small picture of it. */

const THUMB_PX = 240
const TYPES = ['image/jpeg', 'image/png', 'image/webp']
/** What a server takes if nothing else is set there: a larger one could be taken here and never be handed in. */
const MOST_BYTES = 20 * 1024 * 1024

export class BadPhoto extends Error {
  constructor(readonly why: 'type' | 'size' | 'broken') {
    super(why)
  }
}

export interface Taken {
  sha256: string
  media_type: string
  original: Blob
  thumb: Blob
}

export async function take(file: Blob): Promise<Taken> {
  if (!TYPES.includes(file.type)) throw new BadPhoto('type')
  if (file.size > MOST_BYTES) throw new BadPhoto('size')
  const bytes = await file.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  // A copy of our own: what the camera app wrote may be gone tomorrow.
  return {
    sha256,
    media_type: file.type,
    original: new Blob([bytes], { type: file.type }),
    thumb: await thumbnail(file),
  }
}

async function thumbnail(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new BadPhoto('broken')
  })
  const scale = THUMB_PX / Math.max(picture.width, picture.height, THUMB_PX)
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const thumb = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.72))
  if (!thumb) throw new BadPhoto('broken')
  return thumb
}
