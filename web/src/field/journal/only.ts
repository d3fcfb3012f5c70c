/** What only this device has, counted. */
import { hasContent, isOnlyHere, type Entry } from './entries'
import type { FieldStore } from './store'

/** What waits to be sent, what the server did not keep, and answers that are not saved yet. */
export async function onlyHere({ entries, drafts }: FieldStore): Promise<number> {
  const own = entries.where('state').anyOf('saved', 'sealed', 'sent', 'returned').filter(isOnlyHere)
  return (await own.count()) + (await drafts.filter(hasContent).count())
}

/** How many entries the server does not have because somebody has let go of them. */
export async function gone({ entries }: FieldStore): Promise<number> {
  const isGone = (entry: Entry) => entry.letGoAt !== undefined
  return entries.where('state').equals('returned').filter(isGone).count()
}

/** Records of which something waits here, sent or finished. */
export async function heldRecords({ entries, drafts }: FieldStore): Promise<Set<string>> {
  const out = new Set((await drafts.toArray()).map((draft) => draft.record))
  await entries
    .where('state')
    .anyOf('saved', 'sealed', 'sent')
    .each((entry) => void out.add(entry.record))
  return out
}
