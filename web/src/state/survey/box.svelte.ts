/** The inbox that is looked at: what waits, what is chosen, what comes of decisions. */
import * as api from '../../api/survey'
import { isReady, NO_ANSWERS, request, verdictOf, type Answers } from './choices'
import { refusal } from './say'
import { Turns } from './turns.svelte'
import { troubleOf, w, type Trouble } from './words.svelte'

/** How many are asked for at first, and by each wish for more. */
const PAGE = 100

export class Box {
  items = $state.raw<api.InboxItem[]>([])
  total = $state(0)
  next = $state.raw<string | null>(null)
  loaded = $state(false)
  trouble = $state.raw<Trouble | null>(null)
  told = $state('')
  private readonly turns = new Turns()
  /** What was decided here: a key that is pressed twice decides once. */
  private readonly decided = new Set<string>()
  /** Only what this visit found. */
  visit = $state<string>()
  /** Edits that are decided on together. */
  chosen = $state.raw<readonly string[]>([])
  /** What was chosen and said, by edit. */
  answers = $state.raw<Readonly<Record<string, Answers>>>({})
  /** The item that a reason is asked for, and for which verdict. */
  asked = $state.raw<{ edit: string; verdict: api.Verdict } | null>(null)
  private turn = 0
  /** How many are to be shown: it stays when a wish for more is overtaken by what comes from elsewhere. */
  private wanted = PAGE
  readonly picked = $derived(this.items.filter((one) => this.chosen.includes(one.edit)))

  get busy(): boolean {
    return this.turns.busy
  }

  of(edit: string): Answers {
    return this.answers[edit] ?? NO_ANSWERS
  }

  answer(edit: string, patch: Partial<Answers>) {
    this.answers = { ...this.answers, [edit]: { ...this.of(edit), ...patch } }
  }

  choose(edit: string, on: boolean) {
    this.chosen = on ? [...new Set([...this.chosen, edit])] : this.chosen.filter((one) => one !== edit)
  }

  /** Reads on, or all anew: as many as are wanted, so that nobody loses their place. */
  async load(after: string | null = null) {
    const turn = ++this.turn
    if (after) this.wanted = this.items.length + PAGE
    const query = this.visit ? { visit: this.visit } : {}
    try {
      const found = after
        ? await api.inbox({ ...query, after, limit: PAGE })
        : await api.inboxAtLeast(this.wanted, query)
      // An answer that was overtaken tells of what may be decided by now.
      if (turn !== this.turn) return
      this.items = after ? [...this.items, ...found.items] : found.items
      this.next = found.next
      this.total = found.total ?? this.items.length
      this.chosen = this.chosen.filter((id) => this.items.some((one) => one.edit === id))
      this.trouble = null
      this.loaded = true
    } catch (error) {
      if (turn === this.turn) this.trouble = troubleOf(error)
    }
  }

  /** Decides on one; where a reason or an own value is missing, asks for it first. */
  async decide(item: api.InboxItem, verdict?: api.Verdict) {
    const answers = this.of(item.edit)
    const what = verdict ?? verdictOf(item, answers.choices)
    if (isReady(item, what, answers)) return this.send([request(item, what, answers)])
    this.asked = { edit: item.edit, verdict: what }
  }

  /** Decides on all that are picked with one reason; `approved` means each as it was chosen. */
  async decideMany(verdict: api.Verdict, reason: string) {
    const requests = this.picked.map((item) => {
      const answers = { ...this.of(item.edit), reason: reason || this.of(item.edit).reason }
      return request(item, verdict === 'approved' ? verdictOf(item, answers.choices) : verdict, answers)
    })
    return this.send(requests)
  }

  /** Whether all that are picked can be decided on with this reason. */
  canDecide(verdict: api.Verdict, reason: string): boolean {
    return this.picked.every((item) => {
      const answers = { ...this.of(item.edit), reason: reason || this.of(item.edit).reason }
      return isReady(item, verdict === 'approved' ? verdictOf(item, answers.choices) : verdict, answers)
    })
  }

  private async send(requests: api.DecisionRequest[]) {
    if (requests.length > 0) await this.turns.next(() => this.sendNow(requests))
  }

  private async sendNow(all: api.DecisionRequest[]) {
    const requests = all.filter((one) => !this.decided.has(one.edit))
    if (requests.length === 0) return
    this.told = ''
    const results: api.DecisionResult[] = []
    try {
      for await (const part of api.decideInParts(requests)) {
        results.push(...part)
        this.told = this.tell(results)
        this.take(part)
      }
      await this.load()
    } catch (error) {
      this.trouble = troubleOf(error)
    }
  }

  private tell(results: readonly api.DecisionResult[]): string {
    const refused = results.filter((one) => one.outcome === 'refused')
    if (refused.length === 0) return w('decided', { n: results.length })
    const collection = (edit: string) => this.items.find((one) => one.edit === edit)?.collection ?? null
    const why = [...new Set(refused.map((one) => refusal(one, collection(one.edit))))].join('; ')
    return w('refusedSome', { n: refused.length, why })
  }

  /** What was decided leaves the list. */
  private take(results: readonly api.DecisionResult[]) {
    const done = results.filter((one) => one.outcome === 'decided').map((one) => one.edit)
    for (const edit of done) this.decided.add(edit)
    this.items = this.items.filter((one) => !done.includes(one.edit))
    this.chosen = this.chosen.filter((id) => !done.includes(id))
    if (this.asked && done.includes(this.asked.edit)) this.asked = null
  }
}
