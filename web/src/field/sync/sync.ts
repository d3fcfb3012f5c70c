/**
 * Carries the journal to the server: seals a batch, sends it, applies the receipts one by one. A batch without an answer is sent again with the same ids.
 * Order: edits, then visits (they name edits), then what is taken back of them, then photos (visits name them). What one entry does to the server never holds the others up.
 */
import { Offline, Refused } from '../../api/client'
import type { Decision, EditWord, FieldEdit, PhotoState, Retraction, Visit, VisitReceipt } from '../../api/field'
import type { Receipt } from '../../api/types'
import { receiptAnswer, type Answer, type Entry, type Hindrance, type PhotoEntry } from '../journal/entries'
import type { Journal, SentKind } from '../journal/journal'
import { upload } from './upload'

/** The server, as far as the journal needs it. The author is named each time: another tab may have logged in since the round began. */
export interface Server {
  sendEdits(edits: FieldEdit[], author: string): Promise<Receipt[]>
  sendVisits(visits: Visit[], author: string): Promise<VisitReceipt[]>
  retract(visits: Retraction[], author: string): Promise<VisitReceipt[]>
  editStatus(ids: string[]): Promise<EditWord[]>
  visitStatus(ids: string[]): Promise<{ receipt: VisitReceipt | null; review: Decision | null }[]>
  photoState(sha256: string): Promise<PhotoState>
  putPhoto(sha256: string, offset: number, size: number, bytes: ArrayBuffer): Promise<PhotoState>
  heard(device: string, pending: number): Promise<void>
}

export const BATCH = 50
const STATUS_BATCH = 200
const FIRST_DELAY_MS = 2_000
const LAST_DELAY_MS = 300_000

export type Round = 'done' | 'link' | 'login'

/** Doubles from two seconds to five minutes; `lot` between 0 and 1 spreads devices that lost the same link. */
export function backoff(tries: number, lot: number): number {
  return Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** (tries - 1)) * (0.75 + lot / 2)
}

/** The round ends: no link, or nobody is logged in. */
class Ends extends Error {
  constructor(readonly how: 'link' | 'login') {
    super(how)
  }
}

export class Sync {
  constructor(
    private readonly journal: Journal,
    private readonly server: Server,
    private readonly lot: () => number = Math.random,
  ) {}

  /** Sends all that can be sent now. */
  async round(account: string): Promise<Round> {
    try {
      for (const kind of ['edit', 'visit', 'undo'] as const) while (await this.batch(kind, account));
      while (await this.photo(account));
      await this.ask(account)
      await this.server.heard(await this.journal.device(), await this.journal.unsent()).catch(ignoreRefusal)
      return 'done'
    } catch (error) {
      if (error instanceof Ends) return error.how
      const how = ending(error)
      if (how) return how
      throw error
    }
  }

  private async batch(kind: SentKind, account: string): Promise<boolean> {
    const batch = await this.journal.seal(kind, account, BATCH)
    if (batch.length === 0) return false
    await this.deliver(batch, account)
    return true
  }

  /** Sends a batch; where the server cannot take it as a whole, its halves, down to the one that is at fault. */
  private async deliver(batch: Entry[], account: string): Promise<void> {
    const ids = batch.map((entry) => entry.id)
    await this.journal.step(ids, 'sent')
    let answers: Map<string, Answer>
    try {
      answers = await this.send(batch, account)
    } catch (error) {
      const how = ending(error)
      if (how) throw new Ends(how)
      if (!(error instanceof Refused)) throw error
      const [one] = batch
      if (batch.length > 1) {
        const half = Math.ceil(batch.length / 2)
        await this.deliver(batch.slice(0, half), account)
        await this.deliver(batch.slice(half), account)
      } else if (one) await this.alone(one, error)
      return
    }
    const settled = await this.journal.settle(answers)
    // Without a receipt that we understand an entry stays unsent, and must not be asked for again and again in this round.
    for (const id of ids) if (!settled.has(id)) await this.postpone(id)
  }

  private async send(batch: Entry[], account: string): Promise<Map<string, Answer>> {
    const edits = batch.flatMap((entry) => (entry.kind === 'edit' ? [entry.payload] : []))
    const visits = batch.flatMap((entry) => (entry.kind === 'visit' ? [entry.payload] : []))
    const answers = new Map<string, Answer>()
    if (edits.length > 0)
      for (const one of await this.server.sendEdits(edits, account)) answers.set(one.edit, receiptAnswer(one))
    if (visits.length > 0)
      for (const one of await this.server.sendVisits(visits, account))
        answers.set(one.visit, {
          outcome: one.outcome,
          reason: one.reason ?? undefined,
          detail: one.detail ?? undefined,
          kept: one.kept === false ? false : undefined,
        })
    for (const [id, answer] of await this.takeBack(batch, account)) answers.set(id, answer)
    return answers
  }

  /** Tells the server which of its visits were taken back. */
  private async takeBack(batch: Entry[], account: string): Promise<[string, Answer][]> {
    const undone = new Map(batch.flatMap((entry) => (entry.kind === 'undo' ? [[entry.payload.visit, entry]] : [])))
    if (undone.size === 0) return []
    const wishes = [...undone].map(([visit, { payload }]) => ({ visit, device: payload.device ?? '' }))
    const receipts = await this.server.retract(wishes, account)
    return receipts.flatMap(({ visit, outcome, reason, detail }) => {
      const entry = undone.get(visit)
      return entry ? [[entry.id, { outcome, reason: reason ?? undefined, detail: detail ?? undefined }]] : []
    })
  }

  /** What the server refuses is returned with its reason and kept here; what it has no room for or fails at is tried again later, by itself. */
  private async alone(entry: Entry, error: Refused) {
    const { status, type, title } = error.problem
    const detail = error.problem.detail ?? title
    if (status >= 500) return this.postpone(entry.id, { type, detail })
    await this.journal.settle(new Map([[entry.id, { outcome: 'returned', reason: type, detail, kept: false }]]))
  }

  private postpone(id: string, hindrance?: Hindrance): Promise<void> {
    return this.journal.postpone(id, (tries) => backoff(tries, this.lot()), hindrance)
  }

  private async photo(account: string): Promise<boolean> {
    const [photo] = await this.journal.photosToSend(account, 1)
    if (photo?.kind !== 'photo') return false
    try {
      await this.upload(photo)
    } catch (error) {
      const how = ending(error)
      if (how) throw new Ends(how)
      if (!(error instanceof Refused)) throw error
      await this.alone(photo, error)
    }
    return true
  }

  /** Piece by piece from where the server is. Only its "verified" makes a photo arrived. */
  private async upload(photo: PhotoEntry) {
    const { sha256, bytes: size } = photo.payload
    const original = (await this.journal.store.photos.get(sha256))?.original ?? null
    await this.journal.step([photo.id], 'sealed')
    await this.journal.step([photo.id], 'sent')
    const parcel = { sha256, size, original }
    const isHere = await upload(this.server, parcel, (received) => this.journal.received(photo.id, received))
    if (!isHere) return this.postpone(photo.id)
    await this.journal.settle(new Map([[photo.id, { outcome: 'applied' }]]))
  }

  /** What people have decided of entries that waited: of edits, and of visits that were set apart. */
  private async ask(account: string) {
    await this.askOf('edit', account, async (ids) => (await this.server.editStatus(ids)).flatMap(decided))
    await this.askOf('visit', account, async (ids) => (await this.server.visitStatus(ids)).flatMap(reviewed))
  }

  private async askOf(kind: 'edit' | 'visit', account: string, status: (ids: string[]) => Promise<[string, Answer][]>) {
    const open: string[] = []
    await this.journal.store.entries
      .where('[kind+state]')
      .anyOf([kind, 'conflict'], [kind, 'proposed'])
      .filter((entry) => entry.account === account)
      .each((entry) => void open.push(entry.id))
    for (let at = 0; at < open.length; at += STATUS_BATCH) {
      const told = await status(open.slice(at, at + STATUS_BATCH)).catch((error: unknown) => {
        if (error instanceof Refused && !ending(error)) return []
        throw error
      })
      await this.journal.settle(new Map(told))
    }
  }
}

/** What a decision makes of an answer. */
function after(decision: Decision, answer: Answer): Answer {
  const outcome = decision.verdict === 'approved' ? 'applied' : 'returned'
  return { ...answer, outcome, reason: decision.verdict, detail: decision.reason }
}

/** Its version is that of what was written: from there on a package has it, whatever of it that is. Of what was not written any package does. */
function decided({ receipt, decision, written }: EditWord): [string, Answer][] {
  if (!decision) return []
  return [[receipt.edit, { ...after(decision, receiptAnswer(receipt)), version: written?.version ?? 0 }]]
}

function reviewed({ receipt, review }: { receipt: VisitReceipt | null; review: Decision | null }): [string, Answer][] {
  return receipt && review ? [[receipt.visit, after(review, { outcome: receipt.outcome })]] : []
}

/** Whether an error ends the round rather than concerning what was sent. */
export function ending(error: unknown): 'link' | 'login' | null {
  if (error instanceof Offline) return 'link'
  // The connection broke while the answer was being read.
  if (
    error instanceof TypeError ||
    error instanceof SyntaxError ||
    (error instanceof DOMException && error.name !== 'QuotaExceededError')
  )
    return 'link'
  if (!(error instanceof Refused)) return null
  const { status, parameter } = error.problem
  // Not about what was sent either: in whose name it was brought.
  if (parameter === 'on_behalf_of') return 'login'
  if (status === 401 || status === 403) return 'login'
  return [408, 425, 429, 502, 503, 504].includes(status) ? 'link' : null
}

function ignoreRefusal(error: unknown) {
  if (!(error instanceof Refused)) throw error
}
