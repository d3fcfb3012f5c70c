import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FieldPackage, Target } from '../../api/field'
import { Journal } from './journal'
import { patchPackage, putPackage, Superseded } from './packages'
import { ABOUT, visit } from './sample'
import { FieldStore, type KeptPackage } from './store'

let names = 0
let store: FieldStore

beforeEach(() => {
  store = new FieldStore(`packages-${++names}`)
})

const target = (record: string, state = 'open') => ({ code: record, record, collection: 'parcels', state }) as Target
const pack = (fetchedAt: number, version: number, more: Partial<KeptPackage> = {}) => {
  const features = ['r', 's'].map((id) => ({ id, properties: { version } }))
  const doc = { campaign: { id: 'c' }, zones: [], targets: [target('r'), target('s')], carriers: { features } }
  return { id: 'c', account: 'anna', fetchedAt, bytes: 1, ...more, doc: doc as unknown as FieldPackage } as KeptPackage
}
const news = { zones: [], targets: [target('r', 'returned')] }
const onDisk = () => store.packages.toArray()

describe('a package that a tab still holds', () => {
  it('takes zones and targets as they stand now, and keeps what is under way of a target that is off the list', async () => {
    const seen = await putPackage(store, pack(1, 3), '')
    await new Journal(store).append({ ...ABOUT, record: 's', visit: 'v' }, [visit('v')])
    const next = await patchPackage(store, seen, news)
    expect(next.doc.targets).toEqual(news.targets)
    expect(next.doc.carriers).toEqual(seen.doc.carriers)
    expect(next.gone?.map((one) => one.target.record)).toEqual(['s'])
    expect(await onDisk()).toEqual([next])
  })

  it('is built upon as it lies on the device, also when another tab has brought it up to date', async () => {
    const seen = await putPackage(store, pack(1, 3), '')
    await new Journal(store).append({ ...ABOUT, record: 's', visit: 'v' }, [visit('v')])
    await patchPackage(store, seen, news)
    const next = await patchPackage(store, seen, { ...news, targets: [] })
    expect(next.gone?.map((one) => one.target.record)).toEqual(['s'])
  })

  it('is never put over what another tab has fetched since, nor over what is of another account', async () => {
    const seen = await putPackage(store, pack(1, 3), '')
    const newer = await putPackage(store, pack(2, 4), '')
    await expect(patchPackage(store, seen, news)).rejects.toThrow(Superseded)
    await expect(putPackage(store, pack(2, 3), '', seen)).rejects.toThrow(Superseded)
    expect(await onDisk()).toEqual([newer])
    const others = await putPackage(store, pack(1, 3, { account: 'bert' }), '')
    await expect(patchPackage(store, seen, news)).rejects.toThrow(Superseded)
    await expect(putPackage(store, pack(2, 3), '', seen)).rejects.toThrow(Superseded)
    expect(await onDisk()).toEqual([others])
  })

  it('is not put back on a device that was cleared, except by who asks for it', async () => {
    const seen = await putPackage(store, pack(1, 3), '')
    expect(await new Journal(store).clear()).toBe(true)
    await expect(patchPackage(store, seen, news)).rejects.toThrow(Superseded)
    await expect(putPackage(store, pack(2, 3), '', seen)).rejects.toThrow(Superseded)
    expect(await onDisk()).toEqual([])
    await putPackage(store, pack(2, 3), '')
    expect(await onDisk()).toHaveLength(1)
  })
})
