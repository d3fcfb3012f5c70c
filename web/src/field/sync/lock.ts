/** One that hands over at a time, among all tabs and the service worker. */

const LOCK = 'zaiti-field-sync'
/** What the browser is asked to wake the service worker for. */
export const TAG = 'zaiti-field-send'
/** How tabs and worker tell each other of which records something changed. */
export const CHANNEL = 'zaiti-field'
/** What they tell each other when the package is another one, or none. */
export const PACKAGE = 'package'

export async function alone<T>(work: () => Promise<T>): Promise<T | 'elsewhere'> {
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock): Promise<T | 'elsewhere'> =>
    lock ? work() : 'elsewhere',
  )
}
