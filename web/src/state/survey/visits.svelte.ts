/** Old and new values of visits, read visit by visit as they come into view and kept while the page is open. */
import * as client from '../../api/client'
import * as api from '../../api/survey'
import type { HistoryEntry } from '../../api/types'
import { changesOf, type ChangeRow } from './changes'

/** Visits that are read at once. */
const AT_ONCE = 4

export class VisitChanges {
  private rows = $state.raw<ReadonlyMap<string, readonly ChangeRow[]>>(new Map())
  private asked = new Set<string>()

  /** Rows of a visit; `undefined` until they are read. */
  of(visit: string): readonly ChangeRow[] | undefined {
    return this.rows.get(visit)
  }

  /** Reads what was not read before. */
  async read(visits: readonly api.KeptVisit[]) {
    const fresh = visits.filter((one) => !this.asked.has(one.id))
    for (const one of fresh) this.asked.add(one.id)
    const queue = [...fresh]
    const worker = async () => {
      for (let visit = queue.shift(); visit; visit = queue.shift()) await this.readOne(visit)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  private async readOne(visit: api.KeptVisit) {
    const edits = visit.edits ?? []
    try {
      const found = edits.length > 0 ? await rowsOf(visit, edits) : []
      this.rows = new Map([...this.rows, [visit.id, found]])
    } catch (error) {
      this.asked.delete(visit.id)
      throw error
    }
  }
}

async function rowsOf(visit: api.KeptVisit, edits: readonly string[]): Promise<ChangeRow[]> {
  const [statuses, waiting] = await Promise.all([api.statuses(edits), api.waitingOf(visit.id)])
  const open = new Set(waiting.map((one) => one.edit))
  const isWritten = (one: api.EditStatus) => one.receipt !== null && !open.has(one.edit)
  const history: HistoryEntry[] = statuses.some(isWritten) ? await client.history(visit.record) : []
  return changesOf(edits, { statuses, waiting, history })
}
