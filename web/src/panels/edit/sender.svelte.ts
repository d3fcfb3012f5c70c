/** One update on its way: what is entered, what was sent, and what the receipt said. Never forgets an entry before it is saved. */
import * as api from '../../api/client'
import type { Carrier, Edit, Evidence, Receipt, Value } from '../../api/types'
import { localDay } from '../../state/day'
import { inventory } from '../../state/inventory.svelte'

type Values = Record<string, Exclude<Value, undefined>>

export class Sender {
  set = $state.raw<Values>({})
  sending = $state(false)
  receipt = $state.raw<Receipt | null>(null)
  problem = $state<'offline' | string | null>(null)
  /** What the record says of the fields in conflict. */
  theirs = $state.raw<Values>({})
  undone = $state(false)
  /** Values from before the last saved edit, for undo. */
  private before = $state.raw<{ set: Values; evidence: Evidence } | null>(null)
  /** Kept until the receipt is there: the same edit sent twice is applied once. */
  private waiting: Edit | null = null

  readonly canUndo = $derived(this.before !== null && this.receipt?.outcome !== 'conflict')

  constructor(
    private readonly carrier: () => Carrier,
    private readonly onsaved: () => void,
  ) {}

  put(key: string, value: Value, now: Value) {
    const same = value === undefined || JSON.stringify(value ?? null) === JSON.stringify(now ?? null)
    const { [key]: _old, ...rest } = this.set
    this.set = same ? rest : { ...rest, [key]: value ?? null }
    this.waiting = null
  }

  async send(evidence: Evidence, day: string) {
    const carrier = this.carrier()
    const now = new Date()
    this.waiting ??= {
      id: crypto.randomUUID(),
      collection: carrier.properties.collection,
      record: carrier.id,
      base_version: carrier.properties.version,
      set: this.set,
      observed_at: day === localDay(now) ? now.toISOString() : `${day}T12:00:00Z`,
      evidence,
    }
    const before = Object.fromEntries(Object.keys(this.set).map((key) => [key, carrier.properties[key] ?? null]))
    if (await this.deliver(this.waiting)) this.before = { set: before, evidence }
  }

  /** Sends the earlier values as a new edit: the history keeps both. */
  async undo() {
    const { before } = this
    if (!before) return
    const carrier = await api.carrier(this.carrier().id)
    const saved = await this.deliver({
      id: crypto.randomUUID(),
      collection: carrier.properties.collection,
      record: carrier.id,
      base_version: carrier.properties.version,
      set: before.set,
      observed_at: new Date().toISOString(),
      evidence: before.evidence,
    })
    this.before = null
    this.undone = saved
  }

  keepTheirs() {
    this.set = {}
    this.receipt = null
    this.waiting = null
    this.onsaved()
  }

  private async deliver(edit: Edit): Promise<boolean> {
    this.sending = true
    this.problem = null
    this.undone = false
    try {
      const receipt = await api.sendEdit(edit)
      await this.take(receipt)
      return receipt.outcome === 'applied' || receipt.outcome === 'merged'
    } catch (error) {
      this.receipt = null
      if (error instanceof api.Offline) this.problem = 'offline'
      else if (error instanceof api.Refused) this.problem = error.message
      else throw error
      return false
    } finally {
      this.sending = false
    }
  }

  private async take(receipt: Receipt) {
    this.waiting = null
    if (receipt.outcome === 'conflict') {
      const now = await api.carrier(this.carrier().id)
      this.theirs = Object.fromEntries(Object.keys(this.set).map((key) => [key, now.properties[key] ?? null]))
    } else if (receipt.outcome !== 'returned') this.set = {}
    this.receipt = receipt
    inventory.saw(receipt.revision)
    this.onsaved()
    if (receipt.outcome === 'applied') navigator.vibrate?.(30)
  }
}
