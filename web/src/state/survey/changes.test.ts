import { describe, expect, it } from 'vitest'
import type { EditStatus, InboxItem } from '../../api/survey'
import type { HistoryEntry } from '../../api/types'
import { changesOf } from './changes'

const status = (edit: string, outcome: string, more: object = {}) =>
  ({ edit, receipt: { outcome }, sent: null, decision: null, written: null, ...more }) as unknown as EditStatus
const line = (edit: string, changes: object) => ({ edit, changes, evidence: 'seen' }) as unknown as HistoryEntry

describe('what a visit changed', () => {
  it('finds old values of what waits in the inbox, and says where they have moved on', () => {
    const fields = [
      { key: 'one', base: 1, mine: 2, theirs: 1 },
      { key: 'two', base: 1, mine: 2, theirs: 3 },
      { key: 'new', base: null, mine: 2, theirs: null },
    ]
    const item = { edit: 'e', fields, sent: { edit: { evidence: 'measured' } } } as unknown as InboxItem
    const rows = changesOf(['e'], { statuses: [status('e', 'conflict')], waiting: [item], history: [] })
    expect(rows.map((row) => [row.key, row.before, row.after, row.now, row.evidence, row.state])).toEqual([
      ['one', 1, 2, undefined, 'measured', 'conflict'],
      ['two', 1, 2, 3, 'measured', 'conflict'],
      ['new', null, 2, undefined, 'measured', 'conflict'],
    ])
  })

  it('finds those of what was written in the history, under the id of the approval too', () => {
    const statuses = [
      status('a', 'applied'),
      status('b', 'proposed', { decision: { verdict: 'approved' }, written: { edit: 'w' } }),
    ]
    const history = [line('a', { one: { old: 1, new: 1 } }), line('w', { two: { old: null, new: 5 } })]
    const rows = changesOf(['a', 'b'], { statuses, waiting: [], history })
    expect(rows.map((row) => [row.edit, row.key, row.before, row.after, row.state])).toEqual([
      ['a', 'one', 1, 1, 'applied'],
      ['b', 'two', null, 5, 'approved'],
    ])
  })

  it('tells of a value against which a later word stands', () => {
    const history = [{ ...line('a', { one: { old: 1, new: 2 } }), superseded: { two: 7 } }]
    const rows = changesOf(['a'], { statuses: [status('a', 'merged')], waiting: [], history })
    expect(rows.map((row) => [row.key, row.before, row.after, row.state])).toEqual([
      ['one', 1, 2, 'merged'],
      ['two', undefined, 7, 'superseded'],
    ])
  })

  it('tells of what has not come, and of what was rejected', () => {
    const rejected = status('r', 'proposed', { decision: { verdict: 'rejected' }, sent: { set: { one: 7 } } })
    const never = { edit: 'n', receipt: null } as unknown as EditStatus
    const rows = changesOf(['r', 'n', 'x'], { statuses: [rejected, never], waiting: [], history: [] })
    expect(rows.map((row) => [row.edit, row.key, row.after, row.state])).toEqual([
      ['r', 'one', 7, 'rejected'],
      ['n', '', undefined, 'missing'],
      ['x', '', undefined, 'missing'],
    ])
  })
})
