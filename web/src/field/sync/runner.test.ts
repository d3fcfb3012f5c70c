import { afterEach, expect, it, vi } from 'vitest'
import { GRACE_MS } from '../journal/journal'
import { IDLE_MS, Runner, type Phase } from './runner'
import type { Sync } from './sync'

/** What the runner asks of a browser. */
function browser() {
  const locks = { request: (_name: string, _how: object, work: (lock: object) => unknown) => work({}) }
  vi.stubGlobal('navigator', { locks })
  for (const name of ['addEventListener', 'removeEventListener']) vi.stubGlobal(name, () => undefined)
  const document = { addEventListener: () => undefined, removeEventListener: () => undefined }
  vi.stubGlobal('document', document)
}
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('goes at once once more when it is woken at the end of a round', async () => {
  browser()
  let rounds = 0
  const sync = { round: () => Promise.resolve((rounds += 1) && 'done') } as unknown as Sync
  let go: (next: null) => void = () => undefined
  let isAsking = false
  const untilNext = () => {
    isAsking = true
    return new Promise<null>((resolve) => (go = resolve))
  }
  const runner = new Runner(
    sync,
    () => Promise.resolve('anna'),
    () => undefined,
    untilNext,
    () => Promise.resolve(),
  )
  const stop = runner.start()
  await vi.waitFor(() => expect(isAsking).toBe(true))
  runner.poke()
  go(null)
  await vi.waitFor(() => expect(rounds).toBe(2))
  stop()
})

/** A runner whose rounds send nothing, by a clock of our own. */
function running(untilNext: () => Promise<number | null>, look: () => Promise<void> = () => Promise.resolve()) {
  browser()
  vi.useFakeTimers()
  const rounds: number[] = []
  const phases: Phase[] = []
  const begin = Date.now()
  const sync = { round: () => Promise.resolve(rounds.push(Date.now() - begin) && 'done') } as unknown as Sync
  const account = () => Promise.resolve('anna')
  const runner = new Runner(sync, account, (phase) => phases.push(phase), untilNext, look)
  const stop = runner.start()
  return { runner, rounds, phases, stop }
}

it('asks the server at the idle pace while nothing can be sent, and when something can be', async () => {
  let next: number | null = null
  const { rounds, stop } = running(() => Promise.resolve(next))
  await vi.advanceTimersByTimeAsync(10 * IDLE_MS - 1)
  expect(rounds).toEqual(Array.from({ length: 10 }, (_, at) => at * IDLE_MS))
  next = 90_000
  await vi.advanceTimersByTimeAsync(1)
  next = 3_600_000
  await vi.advanceTimersByTimeAsync(90_100)
  expect(rounds.length).toBe(12)
  await vi.advanceTimersByTimeAsync(IDLE_MS)
  expect(rounds.length, 'what can go in an hour').toBe(13)
  stop()
})

it('sends what is saved when it can no longer be withdrawn, also when it is saved while a round ends', async () => {
  let go: ((next: null) => void) | undefined
  const { runner, rounds, stop } = running(() => new Promise((resolve) => (go = resolve)))
  await vi.advanceTimersByTimeAsync(0)
  runner.saved()
  go?.(null)
  await vi.advanceTimersByTimeAsync(GRACE_MS + 100)
  expect(rounds.length).toBe(2)
  go?.(null)
  await vi.advanceTimersByTimeAsync(GRACE_MS + 100)
  expect(rounds.length, 'once').toBe(2)
  runner.saved()
  await vi.advanceTimersByTimeAsync(GRACE_MS + 100)
  expect(rounds.length).toBe(3)
  stop()
})

it('looks what was decided at the idle pace while it sends often, at once when it is woken, and again when it could not', async () => {
  let looks = 0
  let hasLink = true
  const look = () => {
    looks += 1
    return hasLink ? Promise.resolve() : Promise.reject(new Error('no link'))
  }
  const { runner, rounds, stop } = running(() => Promise.resolve(GRACE_MS), look)
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1)
  expect(rounds.length).toBeGreaterThan(15)
  expect(looks).toBe(1)
  await vi.advanceTimersByTimeAsync(GRACE_MS + 100)
  expect(looks).toBe(2)
  hasLink = false
  runner.poke()
  await vi.advanceTimersByTimeAsync(0)
  expect(looks).toBe(3)
  hasLink = true
  await vi.advanceTimersByTimeAsync(IDLE_MS - 1)
  expect(looks).toBe(4)
  stop()
})

it('goes on when the journal cannot be asked', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  let isBroken = true
  const { rounds, phases, stop } = running(() => (isBroken ? Promise.reject(new Error('disk')) : Promise.resolve(null)))
  await vi.advanceTimersByTimeAsync(0)
  expect(phases).toEqual(['working', 'broken'])
  isBroken = false
  await vi.advanceTimersByTimeAsync(10_000)
  expect(rounds.length).toBe(2)
  expect(phases.at(-1)).toBe('idle')
  stop()
})
