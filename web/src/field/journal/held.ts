/** What keeps somebody from logging out: asked also on pages that know nothing of the field app. */
import { hasContent, isOnlyHere } from './entries'
import { accountOf, FieldStore } from './store'

/** How much of this account only this device has; 0 where the field app was never opened or nothing can be kept. */
export async function heldHere(account: string, name?: string): Promise<number> {
  const store = new FieldStore(name)
  try {
    const known = await indexedDB.databases()
    return known.some((one) => one.name === store.name) ? await held(store, account) : 0
  } catch (error) {
    console.warn('the journal cannot be asked', error)
    return 0
  } finally {
    store.close()
  }
}

async function held({ entries, drafts, packages }: FieldStore, account: string): Promise<number> {
  const own = await entries
    .where('state')
    .anyOf('saved', 'sealed', 'sent', 'returned')
    .filter((entry) => entry.account === account && isOnlyHere(entry))
    .count()
  const pack = await packages.toCollection().first()
  const begun = pack && accountOf(pack) === account ? await drafts.filter(hasContent).count() : 0
  return own + begun
}
