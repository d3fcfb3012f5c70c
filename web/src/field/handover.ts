/**
 * A phone's file handed over by staff. All that is sent is as the phone would send it, under its ids: what the phone itself had sent is not written a second
 * time, and a phone that comes back gets the same receipts. Beside it stands whose it is; the server keeps who brought it.
 *
 * Nothing is done before all has its receipt. What the link drops or the server cannot take now waits, and goes when somebody tries again.
 */
import { Refused } from '../api/client'
import type { EditEntry, Entry, PhotoEntry, UndoEntry, VisitEntry } from './journal/entries'
import type { Opened } from './rescue'
import { BATCH, ending, type Server } from './sync/sync'
import { upload } from './sync/upload'

export interface Handed {
  /** Those that have their receipt. */
  done: number
  all: number
  /** Those of them that were sent back. */
  returned: number
}

/** The server as somebody speaks to it for another. */
export type Office = Pick<Server, 'sendEdits' | 'sendVisits' | 'retract' | 'photoState' | 'putPhoto'>

export class HandOver {
  private readonly open: Entry[]
  /** Outcomes by id: what is here needs not be sent again. */
  private readonly receipts = new Map<string, string>()

  constructor(
    private readonly opened: Opened,
    private readonly office: Office,
    private readonly tell: (handed: Handed) => void = () => undefined,
  ) {
    const isToBeSent = (entry: Entry) => entry.state !== 'withdrawn' && entry.state !== 'local'
    this.open = opened.entries.filter(isToBeSent)
  }

  get handed(): Handed {
    const outcomes = [...this.receipts.values()]
    const returned = outcomes.filter((outcome) => outcome === 'returned').length
    return { done: outcomes.length, all: this.open.length, returned }
  }

  /** Sends what has no receipt. Throws what ends it: no link, no login. What the server cannot take now is left over for the next time. */
  async run(): Promise<Handed> {
    const of = <T extends Entry>(kind: T['kind']) => this.open.filter((entry): entry is T => entry.kind === kind)
    await this.batches(of<EditEntry>('edit'), async (batch, author) => {
      const receipts = await this.office.sendEdits(
        batch.map((entry) => entry.payload),
        author,
      )
      return receipts.map((receipt) => [receipt.edit, receipt.outcome])
    })
    await this.batches(of<VisitEntry>('visit'), async (batch, author) => {
      const receipts = await this.office.sendVisits(
        batch.map((entry) => entry.payload),
        author,
      )
      return receipts.map((receipt) => [receipt.visit, receipt.outcome])
    })
    await this.batches(of<UndoEntry>('undo'), async (batch, author) => {
      const wishes = batch.map(({ payload }) => ({ visit: payload.visit, device: payload.device ?? '' }))
      const receipts = await this.office.retract(wishes, author)
      return batch.map(({ id, payload }) => {
        const receipt = receipts.find((one) => one.visit === payload.visit)
        return [id, receipt?.outcome ?? 'returned']
      })
    })
    for (const photo of of<PhotoEntry>('photo')) await this.photo(photo)
    return this.handed
  }

  private async batches<T extends Entry>(all: T[], send: (batch: T[], author: string) => Promise<[string, string][]>) {
    const left = all.filter((entry) => !this.receipts.has(entry.id))
    const authors = new Set(left.map((entry) => entry.account))
    for (const author of authors) {
      const own = left.filter((entry) => entry.account === author)
      for (let at = 0; at < own.length; at += BATCH)
        await this.deliver(own.slice(at, at + BATCH), (batch) => send(batch, author))
    }
  }

  /** Sends a batch; where the server cannot take it as a whole, its halves, down to the one that is at fault. */
  private async deliver<T extends Entry>(batch: T[], send: (batch: T[]) => Promise<[string, string][]>): Promise<void> {
    try {
      this.note(await send(batch))
    } catch (error) {
      const [one] = batch
      if (batch.length === 1 && one) return this.alone(one, error)
      if (!isOfEntry(error)) throw error
      const half = Math.ceil(batch.length / 2)
      await this.deliver(batch.slice(0, half), send)
      await this.deliver(batch.slice(half), send)
    }
  }

  private async photo(entry: PhotoEntry) {
    if (this.receipts.has(entry.id)) return
    const { sha256 } = entry.payload
    const original = await this.opened.photo(entry)
    try {
      const isHere = await upload(this.office, { sha256, size: original?.size ?? 0, original })
      // What the phone no longer had nobody can send.
      if (isHere || !original) this.note([[entry.id, isHere ? 'applied' : 'returned']])
    } catch (error) {
      this.alone(entry, error)
    }
  }

  /** What the server refuses for good is sent back; what it fails at or has no room for is left over. */
  private alone(entry: Entry, error: unknown) {
    if (!isOfEntry(error)) throw error
    if (error.problem.status < 500) this.note([[entry.id, 'returned']])
  }

  private note(receipts: [string, string][]) {
    for (const [id, outcome] of receipts) this.receipts.set(id, outcome)
    this.tell(this.handed)
  }
}

/** Whether a refusal concerns what was sent, rather than the link, the login or the name of its author. */
function isOfEntry(error: unknown): error is Refused {
  return error instanceof Refused && !ending(error)
}
