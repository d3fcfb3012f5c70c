/** When to sync: when something that waits can go, when the link is back, when the tab is seen again, and again after a failure. Never in two tabs at once. */
import { Offline } from '../../api/client'
import { backoff, type Round, type Sync } from './sync'
import { GRACE_MS } from '../journal/journal'
import { alone } from './lock'

/** Looks for decisions of people even when there is nothing to send. */
export const IDLE_MS = 120_000
/** Timers and clocks do not agree to the millisecond. */
const SLACK_MS = 50
const SAVED_MS = GRACE_MS + SLACK_MS
/** What a round left behind though it could go is not tried again at once. */
const LEAST_MS = 1_000

type Failure = Exclude<Round, 'done'> | 'elsewhere' | 'broken'
export type Phase = 'idle' | 'working' | 'waiting' | 'login' | 'elsewhere' | 'broken'

export class Runner {
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private running = false
  private again = false
  private stopped = false
  /** Something was saved since the journal was asked what comes next. */
  private hasSaved = false
  private lookedAt = -Infinity

  constructor(
    private readonly sync: Sync,
    /** Whose entries the server takes now. Asked before each round: what is sent under a login must be of that login. */
    private readonly account: () => Promise<string | null>,
    private readonly onPhase: (phase: Phase) => void,
    /** Milliseconds until something can be sent under this account, if anything can. */
    private readonly untilNext: (account: string) => Promise<number | null>,
    /** Looks what people have decided meanwhile: after a round that was called for, else at the idle pace, however often something is sent. */
    private readonly look: () => Promise<void>,
  ) {}

  start(): () => void {
    const now = () => this.poke()
    const seen = () => document.visibilityState === 'visible' && this.poke()
    addEventListener('online', now)
    document.addEventListener('visibilitychange', seen)
    this.poke()
    return () => {
      this.stopped = true
      clearTimeout(this.timer)
      removeEventListener('online', now)
      document.removeEventListener('visibilitychange', seen)
    }
  }

  /** Tries at once, whatever the waiting time. */
  poke() {
    this.failures = 0
    this.lookedAt = -Infinity
    // Not by a timer: the end of the round that runs sets its own, and this would be forgotten for minutes.
    if (this.running) this.again = true
    else this.after(0)
  }

  /** Something was saved: it can be sealed when it can no longer be withdrawn. */
  saved() {
    this.hasSaved = true
    this.after(SAVED_MS)
  }

  private after(ms: number) {
    clearTimeout(this.timer)
    if (!this.stopped) this.timer = setTimeout(() => void this.run(), ms)
  }

  private async run() {
    if (this.running) {
      this.again = true
      return
    }
    this.running = true
    try {
      await this.once()
    } catch (error) {
      console.warn('the sync stopped', error)
      this.fail('broken')
    } finally {
      this.running = false
      if (this.again) {
        this.again = false
        this.after(0)
      }
    }
  }

  private async once() {
    const round = await alone(async (): Promise<number | Failure> => {
      this.onPhase('working')
      try {
        const account = await this.account()
        if (!account) return 'login'
        const round = await this.sync.round(account)
        return round === 'done' ? await this.pause(account) : round
      } catch (error) {
        if (error instanceof Offline) return 'link'
        console.warn('the sync stopped', error)
        return 'broken'
      }
    })
    if (typeof round === 'number') this.rest(round)
    else this.fail(round)
  }

  /** How long nothing can be sent. */
  private async pause(account: string): Promise<number> {
    this.hasSaved = false
    const next = await this.untilNext(account)
    return next === null ? IDLE_MS : Math.min(IDLE_MS, Math.max(LEAST_MS, next + SLACK_MS))
  }

  private rest(ms: number) {
    this.failures = 0
    // What was saved after the journal was asked is not in its answer.
    this.after(this.hasSaved ? Math.min(ms, SAVED_MS) : ms)
    this.onPhase('idle')
    const now = Date.now()
    if (Math.abs(now - this.lookedAt) < IDLE_MS) return
    this.lookedAt = now
    // Without a link it is looked again after the next round.
    this.look().catch(() => (this.lookedAt = -Infinity))
  }

  private fail(how: Failure) {
    this.failures += 1
    if (how !== 'login') this.after(backoff(this.failures, Math.random()))
    this.onPhase(how === 'link' ? 'waiting' : how)
  }
}
