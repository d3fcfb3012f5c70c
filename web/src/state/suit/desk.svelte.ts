/** The desk at work: requirements, the server's answer to the one worked on, and what the last change moved. */
import { untrack } from 'svelte'
import * as api from '../../api/client'
import type { Fault, Requirement, Suitability } from '../../api/types'
import { inventory } from '../inventory.svelte'
import { asking, emptyDocument } from './document'
import { emptyDesk, formatDesk, MAX_COMPARED, MAX_SCENARIOS, parseDesk, type DeskState } from './link'
import { copyName, movesBetween, type Moves } from './moves'

/** Changes that follow each other more closely are asked together, milliseconds. */
const DEBOUNCE_MS = 120
const KEPT = 'zaiti.suit'
/** Rows asked for; the counts are of all. */
const ROWS = 50
const PARTS: NonNullable<Requirement['parts']> = ['near_misses', 'relaxations', 'robustness', 'facets']

class Desk {
  state = $state.raw<DeskState>(emptyDesk())
  answer = $state.raw<Suitability | null>(null)
  /** Requirement that `answer` is of. */
  asked = $state.raw<Requirement>(emptyDocument())
  moves = $state.raw<Moves>(new Map())
  phase = $state<'first' | 'loading' | 'ready' | 'failed'>('first')
  faults = $state.raw<Fault[]>([])
  problem = $state<string | null>(null)
  /** The link held a requirement that could not be read. */
  broken = $state(false)
  opened = $state(false)
  /** The kept requirement and revision that the answer is of, where it is one. */
  saved = $state.raw<{ id: string; revision: number } | null>(null)
  /** Answers of other scenarios, by their text. */
  others = $state.raw<ReadonlyMap<string, Suitability>>(new Map())

  readonly document: Requirement = $derived(this.state.scenarios[this.state.at] ?? emptyDocument())
  readonly codes = $derived(this.answer?.results.map((one) => one.code) ?? [])

  private timer: ReturnType<typeof setTimeout> | undefined
  private abort = new AbortController()
  private written = ''
  private pending: { replace: boolean } | null = null
  /** The next answer is to another question, so nothing in it has moved. */
  private isOther = true

  /** Reads the address; without anything in it, what was last worked on here. */
  async open() {
    const { state, broken } = await parseDesk(location.hash)
    if (location.hash.length > 1) {
      this.state = state
      this.broken = broken
    } else {
      const kept = await parseDesk(read())
      this.state = { ...kept.state, sheet: false }
    }
    this.written = location.hash.replace(/^#/, '')
    this.opened = true
    this.ask(0)
  }

  /** Back, forward, or a typed address. */
  reread = async () => {
    const hash = location.hash.replace(/^#/, '')
    if (hash === this.written) return
    this.written = hash
    const { state, broken } = await parseDesk(hash)
    const changed = JSON.stringify(state.scenarios[state.at]) !== JSON.stringify(this.document)
    this.state = state
    this.broken = broken
    this.isOther ||= changed
    if (changed) this.ask(0)
  }

  set(patch: Partial<DeskState>, replace = false) {
    this.state = { ...this.state, ...patch }
    void this.write(replace)
  }

  /** Changes the requirement. Typing in one field is one step back, not many: such changes replace the address. */
  edit(document: Requirement, replace = false) {
    const scenarios = this.state.scenarios.map((one, place) => (place === this.state.at ? document : one))
    this.set({ scenarios }, replace)
    this.ask(DEBOUNCE_MS)
  }

  /** Asks something else instead. */
  begin(document: Requirement) {
    this.isOther = true
    this.edit(document)
  }

  addScenario() {
    if (this.state.scenarios.length >= MAX_SCENARIOS) return
    const copy = structuredClone(this.document)
    const names = this.state.scenarios.map((one) => one.name)
    if (copy.name) copy.name = copyName(copy.name, names)
    const scenarios = [...this.state.scenarios, copy]
    this.choose(scenarios.length - 1, scenarios)
  }

  removeScenario() {
    const scenarios = this.state.scenarios.filter((_, place) => place !== this.state.at)
    this.choose(Math.max(0, this.state.at - 1), scenarios.length > 0 ? scenarios : [emptyDocument()])
  }

  choose(at: number, scenarios = this.state.scenarios) {
    this.isOther = true
    this.set({ at, scenarios })
    this.ask(0)
  }

  toggleCompare(code: string) {
    const { compare } = this.state
    if (compare.includes(code)) this.set({ compare: compare.filter((one) => one !== code) }, true)
    else if (compare.length < MAX_COMPARED) this.set({ compare: [...compare, code] }, true)
  }

  /** The requirement as it is kept: with all that the desk shows. */
  kept(): Requirement {
    return sent(this.document)
  }

  /** Shows an answer of an earlier revision, to the letter as it was told. */
  async recall(document: Requirement, answer: Suitability, saved: { id: string; revision: number }) {
    const scenarios = this.state.scenarios.map((one, place) => (place === this.state.at ? document : one))
    this.abort.abort()
    clearTimeout(this.timer)
    this.set({ scenarios })
    this.moves = new Map()
    this.isOther = true
    this.answer = answer
    this.asked = asking(document)
    this.faults = []
    this.problem = null
    this.phase = 'ready'
    this.saved = saved
    await Promise.resolve()
  }

  ask(afterMs: number) {
    this.saved = null
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void untrack(() => this.run()), afterMs)
  }

  private async run() {
    const document = this.document
    this.abort.abort()
    const abort = (this.abort = new AbortController())
    if (this.phase !== 'first') this.phase = 'loading'
    try {
      const answer = await api.suitability(sent(document), abort.signal)
      if (abort.signal.aborted) return
      const after = answer.results.map((one) => one.code)
      this.moves = movesBetween(this.isOther ? [] : this.codes, after)
      this.isOther = false
      this.answer = answer
      this.asked = asking(document)
      this.faults = []
      this.problem = null
      this.phase = 'ready'
      inventory.saw(answer.revision)
    } catch (error) {
      if (abort.signal.aborted) return
      this.refused(error)
    }
  }

  private refused(error: unknown) {
    if (!(error instanceof api.Refused || error instanceof api.Offline)) throw error
    this.faults = error instanceof api.Refused ? (error.problem.faults ?? []) : []
    this.problem = error instanceof api.Refused ? error.message : ''
    this.phase = 'failed'
  }

  /** Answers of all scenarios, for the table that shows them side by side. */
  async askOthers() {
    const found = new Map<string, Suitability>()
    for (const one of this.state.scenarios) {
      try {
        found.set(JSON.stringify(one), await api.suitability(sent(one)))
      } catch (error) {
        if (!(error instanceof api.Refused || error instanceof api.Offline)) throw error
      }
    }
    this.others = found
  }

  private async write(replace: boolean) {
    // One write at a time, the last state wins; compressing is asynchronous.
    if (this.pending) {
      this.pending.replace &&= replace
      return
    }
    this.pending = { replace }
    await Promise.resolve()
    const state = this.state
    const hash = await formatDesk(state)
    const how = this.pending
    this.pending = null
    if (hash !== this.written) {
      this.written = hash
      const url = `${location.pathname}${location.search}${hash ? `#${hash}` : ''}`
      if (location.pathname === '/desk/suit') history[how.replace ? 'replaceState' : 'pushState'](null, '', url)
      keep(hash)
    }
    if (state !== this.state) void this.write(true)
  }
}

/** The document as it is sent: with what the desk shows, unless the document says so itself. */
function sent(document: Requirement): Requirement {
  return { limit: ROWS, parts: PARTS, ...asking(document) }
}

function read(): string {
  try {
    return localStorage.getItem(KEPT) ?? ''
  } catch {
    return ''
  }
}

function keep(hash: string) {
  try {
    localStorage.setItem(KEPT, hash)
  } catch {
    // Private windows may refuse; the address holds everything all the same.
  }
}

export const desk = new Desk()
