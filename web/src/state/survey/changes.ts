/** What a visit's edits changed, or would change: old and new value of each field, wherever the server keeps them. */
import type { EditStatus, InboxItem } from '../../api/survey'
import type { HistoryEntry } from '../../api/types'

export interface ChangeRow {
  edit: string
  /** Empty for an edit of which nothing is known by field. */
  key: string
  before: unknown
  after: unknown
  /** The value that stands now, where it is neither of the two. */
  now?: unknown
  evidence: string | null
  /** Outcome of the edit, or what a person decided; `missing` for one that has not come, `superseded` for a value against which a later word stands. */
  state: string
}

interface Known {
  statuses: readonly EditStatus[]
  waiting: readonly InboxItem[]
  history: readonly HistoryEntry[]
}

const same = (one: unknown, other: unknown) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null)

/** Values sent, as pairs; nothing for an edit that was not kept. */
function sentValues(status: EditStatus): [string, unknown][] {
  return Object.entries((status.sent as { set?: Record<string, unknown> } | null)?.set ?? {})
}

/** Rows of the edits of one visit, in the order in which it names them. */
export function changesOf(edits: readonly string[], known: Known): ChangeRow[] {
  return edits.flatMap((edit) => ofEdit(edit, known))
}

function ofEdit(edit: string, { statuses, waiting, history }: Known): ChangeRow[] {
  const status = statuses.find((one) => one.edit === edit)
  const bare = { edit, key: '', before: undefined, after: undefined, evidence: null }
  if (!status?.receipt) return [{ ...bare, state: 'missing' }]
  const state = status.decision?.verdict ?? status.receipt.outcome
  const open = waiting.find((one) => one.edit === edit)
  if (open && open.fields.length > 0) {
    const evidence = open.sent?.edit.evidence ?? null
    return open.fields.map((field) => ({
      edit,
      key: field.key,
      before: field.base ?? field.theirs,
      after: field.mine,
      ...(same(field.base ?? field.theirs, field.theirs) ? {} : { now: field.theirs }),
      evidence,
      state,
    }))
  }
  const line = history.find((one) => one.edit === (status.written?.edit ?? edit))
  if (line) {
    const rows: ChangeRow[] = Object.entries(line.changes).map(([key, change]) => {
      return { edit, key, before: change.old, after: change.new, evidence: line.evidence, state }
    })
    for (const [key, after] of Object.entries(line.superseded ?? {}))
      rows.push({ edit, key, before: undefined, after, evidence: line.evidence, state: 'superseded' })
    if (line.geometry_changed)
      rows.push({ edit, key: 'geometry', before: null, after: null, evidence: line.evidence, state })
    if (rows.length > 0) return rows
  }
  const sent = sentValues(status)
  const evidence = status.sent?.evidence ?? null
  if (sent.length === 0) return [{ ...bare, state }]
  return sent.map(([key, after]) => ({ edit, key, before: undefined, after, evidence, state }))
}
