/** Where the program runs that the tests of a file have to themselves. */
import { inject } from 'vitest'

/** Files that run at the same time have a program each, on a store of its own. */
export function home(): string {
  const urls = inject('urls')
  const url = urls[(Number(process.env['VITEST_POOL_ID'] ?? 1) - 1) % urls.length]
  if (url === undefined) throw new Error('no program was started')
  return url
}
