/** How a package gets onto the device, and how it is brought up to date there: each in one transaction, for another tab may have put a newer one there meanwhile. */
import type { FieldPackage } from '../../api/field'
import { stillNeeded, withGone } from '../view'
import { UNSENT } from './entries'
import { heldRecords } from './only'
import { accountOf, type FieldStore, type KeptPackage } from './store'

/** Nothing is put in place of a package that is no longer on the device. */
export class Superseded extends Error {}

/**
 * The package as it lies on the device from now on, or none of it. The same campaign again keeps the order that was made here, and records that were closed
 * meanwhile as far as something is under way about them; `looking` is the record on the screen. With `instead` only in place of that one.
 */
export function putPackage(
  store: FieldStore,
  fresh: KeptPackage,
  looking: string,
  instead?: KeptPackage,
): Promise<KeptPackage> {
  const { packages, meta, drafts, entries } = store
  return store.transaction('rw', [packages, meta, drafts, entries], async () => {
    const before = await packages.get(fresh.id)
    if (instead && !isSame(before, instead)) throw new Superseded()
    const kept = before ? stillNeeded(before.doc, fresh.doc, await underWay(store, looking)) : []
    const { carriers } = fresh.doc
    const doc = { ...fresh.doc, carriers: { ...carriers, features: [...carriers.features, ...kept] } }
    const pack = withGone(before ?? null, { ...fresh, doc }, await heldRecords(store))
    await packages.clear()
    await packages.put(pack)
    if (!before) await meta.delete('route')
    return pack
  })
}

/** Zones and targets as they stand now, in the package that a tab has seen; the rest of it stays as it lies on the device. */
export function patchPackage(
  store: FieldStore,
  seen: KeptPackage,
  { zones, targets }: Pick<FieldPackage, 'zones' | 'targets'>,
): Promise<KeptPackage> {
  const { packages, drafts, entries } = store
  return store.transaction('rw', [packages, drafts, entries], async () => {
    const there = await packages.get(seen.id)
    if (!there || !isSame(there, seen)) throw new Superseded()
    const next = withGone(there, { ...there, doc: { ...there.doc, zones, targets } }, await heldRecords(store))
    await packages.put(next)
    return next
  })
}

/** Whether it is the same one, fetched once and brought up to date at most. */
function isSame(there: KeptPackage | undefined, seen: KeptPackage): boolean {
  return there?.fetchedAt === seen.fetchedAt && accountOf(there) === accountOf(seen)
}

/** Records of which something is begun, looked at or not yet sent. */
async function underWay({ drafts, entries }: FieldStore, looking: string): Promise<Set<string>> {
  const all = new Set([looking, ...(await drafts.toCollection().primaryKeys())])
  const unsent = entries.where('state').anyOf([...UNSENT])
  await unsent.each((entry) => all.add(entry.record))
  return all
}
