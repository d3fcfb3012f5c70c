/** A photo as it was taken, its hash, and a small picture of it. */

const THUMB_PX = 240
const TYPES = ['image/jpeg', 'image/png', 'image/webp']

/** What the server takes: a larger photo could be taken here and never be handed in. */
export interface PhotoLimits {
  bytes: number
  pixels: number
}

/** For packages from before servers said it: what they take if nothing else is set. */
export const USUAL: PhotoLimits = { bytes: 20 * 1024 * 1024, pixels: 50_000_000 }

export class BadPhoto extends Error {
  constructor(
    readonly why: 'type' | 'size' | 'pixels' | 'broken',
    /** What would be taken: megabytes, or million pixels. */
    readonly most = '',
  ) {
    super(why)
  }
}

export interface Taken {
  sha256: string
  media_type: string
  original: Blob
  thumb: Blob
}

export async function take(file: Blob, limits: PhotoLimits): Promise<Taken> {
  if (!TYPES.includes(file.type)) throw new BadPhoto('type')
  if (file.size > limits.bytes) throw new BadPhoto('size', short(limits.bytes / 1024 / 1024))
  const bytes = await file.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  // A copy of our own: what the camera app wrote may be gone tomorrow.
  return {
    sha256,
    media_type: file.type,
    original: new Blob([bytes], { type: file.type }),
    thumb: await thumbnail(file, limits.pixels),
  }
}

function short(number: number): string {
  return String(Math.floor(number * 10) / 10)
}

async function thumbnail(file: Blob, mostPixels: number): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new BadPhoto('broken')
  })
  if (picture.width * picture.height > mostPixels) {
    picture.close()
    throw new BadPhoto('pixels', short(mostPixels / 1e6))
  }
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
