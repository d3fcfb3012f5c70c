import type { Journal } from './journal'

/** Entries that were made when the login had just ended are of the account whose package they were made with. */
export async function adopt(journal: Journal, account: string): Promise<number> {
  if (!account) return 0
  const { entries } = journal.store
  const changed = await journal.write([entries], async () => {
    const nobodys = await entries
      .where('state')
      .anyOf('saved', 'sealed', 'sent')
      .filter((entry) => entry.account === '')
      .toArray()
    await entries.bulkPut(nobodys.map((entry) => ({ ...entry, account })))
    return nobodys
  })
  journal.tell(changed)
  return changed.length
}
