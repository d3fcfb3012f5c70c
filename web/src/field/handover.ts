/**
 * A phone's file handed over by staff. What is sent keeps its ids, so what the phone itself had sent is not written a second time; the visit says on
 * whose behalf. Staff are the authors: who pressed the button is what the history can vouch for.
 */
import { Refused } from '../api/client'
import type { Entry, EditEntry, VisitEntry } from './journal/entries'
import type { Opened } from './rescue'
import { BATCH, CHUNK_BYTES, type Server } from './sync/sync'

export interface Handed {
  done: number
  all: number
  returned: number
}

export async function handOver(
  opened: Opened,
  server: Pick<Server, 'sendEdits' | 'sendVisits' | 'photoState' | 'putPhoto'>,
  behalf: string,
  tell: (handed: Handed) => void,
): Promise<Handed> {
  const open = opened.entries.filter((entry) => entry.state !== 'withdrawn' && entry.kind !== 'undo')
  const handed = { done: 0, all: open.length, returned: 0 }
  const count = (outcome: string) => {
    handed.done += 1
    if (outcome === 'returned') handed.returned += 1
    tell({ ...handed })
  }
  const edits = open.filter((entry): entry is EditEntry => entry.kind === 'edit')
  for (const batch of batches(edits))
    for (const receipt of await server.sendEdits(batch.map((entry) => entry.payload))) count(receipt.outcome)
  const visits = open.filter((entry): entry is VisitEntry => entry.kind === 'visit')
  for (const batch of batches(visits)) {
    const noted = batch.map(({ payload }) => ({
      ...payload,
      note: payload.note ? `${payload.note} (${behalf})` : behalf,
    }))
    for (const receipt of await server.sendVisits(noted)) count(receipt.outcome)
  }
  for await (const { entry, bytes } of opened.photos) count(await upload(server, entry.payload.sha256, bytes))
  return handed
}

async function upload(
  server: Pick<Server, 'photoState' | 'putPhoto'>,
  sha256: string,
  bytes: ArrayBuffer,
): Promise<string> {
  try {
    let { received, verified } = await server.photoState(sha256).catch((error: unknown) => {
      if (error instanceof Refused && error.problem.status === 404) return { received: 0, verified: false }
      throw error
    })
    while (!verified && received < bytes.byteLength) {
      const piece = bytes.slice(received, received + CHUNK_BYTES)
      ;({ received, verified } = await server.putPhoto(sha256, received, bytes.byteLength, piece))
    }
    return verified ? 'applied' : 'returned'
  } catch (error) {
    if (error instanceof Refused) return 'returned'
    throw error
  }
}

function batches<T extends Entry>(all: T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH))
}
