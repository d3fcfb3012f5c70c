import { describe, expect, it } from 'vitest'
import type { Target } from '../api/field'
import type { CatalogueDoc, Feature } from '../api/types'
import { Catalogue } from '../catalogue/catalogue'
import type { Draft } from './journal/entries'
import type { Row } from './view'
import { wishes, type Said } from './visit'

const catalogue = new Catalogue({
  attributes: [],
  collections: [],
  lists: {},
  lifecycles: [],
} as unknown as CatalogueDoc)
const target: Target = { code: 'P-1', record: 'r', collection: 'parcels', state: 'replaced', point: null, closed: true }
const feature = { id: 'r', properties: { version: 3, collection: 'parcels', note: 'old' } } as unknown as Feature
const draft: Draft = {
  record: 'r',
  campaign: 'c',
  code: 'P-1',
  visit: 'v',
  outcome: 'changed',
  answers: { note: 'new', idle: true },
  same: [],
  step: 0,
  reason: '',
  retryOn: '',
  note: '',
  evidence: 'seen',
  at: 1,
}
const said: Said = {
  outcome: 'changed',
  visit: 'v',
  campaign: 'c',
  draft,
  photos: [],
  position: null,
  away: null,
  at: new Date(0),
}
const row = (of: Feature | null): Row => ({
  target,
  feature: of,
  progress: 'dropped',
  state: null,
  reason: '',
  hasDraft: true,
  isGone: false,
  point: null,
})
const made = (of: Feature | null) => wishes(said, row(of), of?.properties ?? {}, [], catalogue)

describe('answers about a target', () => {
  it.each([
    ['as it was packed', feature, 3],
    ['that was closed before it was packed', null, 0],
  ])('%s are each in an edit that the visit names', (_, of, version) => {
    const all = made(of)
    const edits = all.flatMap((one) => (one.kind === 'edit' ? [one.payload] : []))
    expect(edits.map((edit) => edit.set)).toEqual([{ note: 'new' }, { idle: true }])
    for (const edit of edits) expect(edit).toMatchObject({ record: 'r', collection: 'parcels', base_version: version })
    const visit = all.find((one) => one.kind === 'visit')
    expect(visit?.payload).toMatchObject({ outcome: 'changed', base_version: version })
    expect(visit?.kind === 'visit' && visit.payload.edits).toEqual(
      all.filter((one) => one.kind === 'edit').map((one) => one.id),
    )
  })
})
