/** Sends what waits while no page is open, where the browser wakes the worker for it. The same journal, the same sync, the same lock as the page. */
import * as api from '../api/field'
import { Journal } from '../field/journal/journal'
import { FieldStore } from '../field/journal/store'
import { alone, CHANNEL } from '../field/sync/lock'
import { senderOf, viewerNow } from '../field/sync/sender'
import { Sync } from '../field/sync/sync'

/** Dexie's whole numbers are tenths in the browser. */
const STEPS = 10

/** Fails while anything is left, so that the browser wakes the worker again. */
export async function sendWaiting(): Promise<void> {
  const store = new FieldStore()
  // A newer worker never changes the store under an older page: where the store is of another shape, the page sends.
  const found = (await indexedDB.databases()).find((one) => one.name === store.name)
  if (found?.version !== store.verno * STEPS) return
  const channel = new BroadcastChannel(CHANNEL)
  try {
    const journal = new Journal(store)
    journal.onChange((records) => channel.postMessage(records))
    if ((await journal.unsent()) === 0) return
    const account = senderOf(await viewerNow())
    // Somebody has to log in first, and then the page is open.
    if (!account) return
    const how = await alone(() => new Sync(journal, api).round(account))
    const left = await journal.unsent()
    if (left > 0) throw new Error(`${left} entries are left: ${how}`)
  } finally {
    channel.close()
    store.close()
  }
}
