import { afterEach, expect, it, vi } from 'vitest'
import { Runner } from './runner'
import type { Sync } from './sync'

/** What the runner asks of a browser. */
function browser() {
  const locks = { request: (_name: string, _how: object, work: (lock: object) => unknown) => work({}) }
  vi.stubGlobal('navigator', { locks })
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => undefined)
  const document = { addEventListener: () => undefined, removeEventListener: () => undefined }
  vi.stubGlobal('document', document)
}
afterEach(() => vi.unstubAllGlobals())

it('goes at once once more when it is woken at the end of a round', async () => {
  browser()
  let rounds = 0
  const sync = { round: () => Promise.resolve((rounds += 1) && 'done') } as unknown as Sync
  let go: (count: number) => void = () => undefined
  let isCounting = false
  const unsent = () => {
    isCounting = true
    return new Promise<number>((resolve) => (go = resolve))
  }
  const runner = new Runner(
    sync,
    () => Promise.resolve('anna'),
    () => undefined,
    unsent,
  )
  const stop = runner.start()
  await vi.waitFor(() => expect(isCounting).toBe(true))
  runner.poke()
  go(0)
  await vi.waitFor(() => expect(rounds).toBe(2))
  stop()
})
