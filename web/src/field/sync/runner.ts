/** When to sync: after a save, when the link is back, when the tab is seen again, and again after a failure. Never in two tabs at once. */
import { Offline } from '../../api/client'
import { backoff, type Round, type Sync } from './sync'
import { GRACE_MS } from '../journal/journal'
import { alone } from './lock'

/** Looks for decisions of people even when there is nothing to send. */
const IDLE_MS = 120_000

export type Phase = 'idle' | 'working' | 'waiting' | 'login' | 'elsewhere' | 'broken'

export class Runner {
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private running = false
  private again = false
  private stopped = false

  constructor(
    private readonly sync: Sync,
    /** Whose entries the server takes now. Asked before each round: what is sent under a login must be of that login. */
    private readonly account: () => Promise<string | null>,
    private readonly onPhase: (phase: Phase) => void,
    private readonly unsent: () => Promise<number>,
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
    // Not by a timer: the end of the round that runs sets its own, and this would be forgotten for minutes.
    if (this.running) this.again = true
    else this.after(0)
  }

  /** Something was saved: it can be sealed when it can no longer be withdrawn. */
  saved() {
    this.after(GRACE_MS + 50)
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
    } finally {
      this.running = false
      if (this.again) {
        this.again = false
        this.after(0)
      }
    }
  }

  private async once() {
    const round = await alone(async (): Promise<Round | 'broken'> => {
      this.onPhase('working')
      try {
        const account = await this.account()
        return account ? await this.sync.round(account) : 'login'
      } catch (error) {
        if (error instanceof Offline) return 'link'
        console.warn('the sync stopped', error)
        return 'broken'
      }
    })
    await this.next(round)
  }

  private async next(round: Round | 'elsewhere' | 'broken') {
    if (round === 'done') {
      this.failures = 0
      this.onPhase('idle')
      this.after((await this.unsent()) > 0 ? GRACE_MS : IDLE_MS)
      return
    }
    this.failures += 1
    this.onPhase(round === 'link' ? 'waiting' : round)
    if (round !== 'login') this.after(backoff(this.failures, Math.random()))
  }
}
