/** A photo on its way to the server, piece by piece from where the server is. */
import { Refused } from '../../api/client'
import type { PhotoState } from '../../api/field'
import type { Server } from './sync'

/** Small enough that a link which drops every few seconds still gets one through. */
export const CHUNK_BYTES = 256 * 1024
/** Pieces in a row by which the server has no more than before. */
const STUCK = 2
/** Beginnings over: because the server has let go of what it had, or because the bytes were not those of the hash. Once is bad luck. */
const RESTARTS = 1

export interface Parcel {
  sha256: string
  /** Bytes. */
  size: number
  /** `null` where this device no longer has it. */
  original: Blob | null
}

/** Whether the photo has arrived: only the server's "verified" says so. One that it refuses for good is thrown. */
export async function upload(
  server: Pick<Server, 'photoState' | 'putPhoto'>,
  { sha256, size, original }: Parcel,
  tell: (received: number) => Promise<void> | void = () => undefined,
): Promise<boolean> {
  let { received, verified } = await server.photoState(sha256).catch(unknownYet)
  let stuck = 0
  let restarts = 0
  let wrong = 0
  while (!verified) {
    if (!original) return false
    const bytes = await original.slice(received, received + CHUNK_BYTES).arrayBuffer()
    const before = received
    ;({ received, verified } = await server.putPhoto(sha256, received, size, bytes).catch((error: unknown) => {
      const place = placeOf(error)
      if (place === null || (isWrongHash(error) && ++wrong > RESTARTS)) throw error
      return { received: place, verified: false }
    }))
    await tell(received)
    stuck = received === before ? stuck + 1 : 0
    if (received < before) restarts += 1
    if (!verified && (stuck > STUCK || restarts > RESTARTS || received >= size)) return false
  }
  return true
}

function unknownYet(error: unknown): PhotoState {
  if (error instanceof Refused && error.problem.status === 404) return { received: 0, verified: false }
  throw error
}

function isWrongHash(error: unknown): boolean {
  return error instanceof Refused && error.problem.status === 422
}

/** Where the server is, which is not where we thought, or at the beginning because of a wrong hash; `null` where it does not say. */
function placeOf(error: unknown): number | null {
  if (!(error instanceof Refused) || ![409, 422].includes(error.problem.status)) return null
  const { received } = error.problem as { received?: unknown }
  return typeof received === 'number' ? received : null
}
