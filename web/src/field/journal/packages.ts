/** Puts a package on the device in place of the one before. */
import { UNSENT } from './entries'
import { stillNeeded } from '../view'
import type { FieldStore, KeptPackage } from './store'

/**
 * The package as it lies on the device from now on, or none of it. The same campaign again keeps the order that was made here, and records that were closed
 * meanwhile as far as something is under way about them; `looking` is the record on the screen.
 */
export function putPackage(store: FieldStore, fresh: KeptPackage, looking: string): Promise<KeptPackage> {
  const { packages, meta, drafts, entries } = store
  return store.transaction('rw', [packages, meta, drafts, entries], async () => {
    const before = await packages.get(fresh.id)
    const kept = before ? stillNeeded(before.doc, fresh.doc, await underWay(store, looking)) : []
    const { carriers } = fresh.doc
    const doc = { ...fresh.doc, carriers: { ...carriers, features: [...carriers.features, ...kept] } }
    await packages.clear()
    await packages.put({ ...fresh, doc })
    if (!before) await meta.delete('route')
    return { ...fresh, doc }
  })
}

/** Records of which something is begun, looked at or not yet sent. */
async function underWay({ drafts, entries }: FieldStore, looking: string): Promise<Set<string>> {
  const all = new Set([looking, ...(await drafts.toCollection().primaryKeys())])
  const unsent = entries.where('state').anyOf([...UNSENT])
  await unsent.each((entry) => all.add(entry.record))
  return all
}
