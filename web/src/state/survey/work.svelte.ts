/** The campaign that is looked at. Every change answers with the campaign as it is then. */
import * as api from '../../api/survey'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { Turns } from './turns.svelte'
import { troubleOf, type Trouble } from './words.svelte'

/** Parts of a campaign's page, in the order of its tabs. */
export const TABS = ['board', 'zones', 'targets', 'review', 'signoff', 'log'] as const
export type Tab = (typeof TABS)[number]

class Work {
  campaign = $state.raw<api.Campaign | null>(null)
  trouble = $state.raw<Trouble | null>(null)
  /** What cannot be done now, said where it was tried. */
  refused = $state.raw<Trouble | null>(null)
  private readonly turns = new Turns()
  /** Counts what was asked of the campaign: an answer that was overtaken tells of what may have changed by now. */
  private order = 0

  readonly leads = $derived(inventory.viewer.role === 'steward' || inventory.viewer.role === 'admin')
  readonly tab: Tab = $derived(TABS.find((one) => one === page.state.filters['tab']) ?? 'board')
  readonly waiting = $derived((this.campaign?.to_review ?? []).map((visit) => ({ visit })))

  get busy(): boolean {
    return this.turns.busy
  }

  async load(id: string) {
    if (this.campaign?.id !== id) this.forget()
    const order = ++this.order
    try {
      const campaign = await api.campaign(id)
      if (order !== this.order) return
      this.campaign = campaign
      this.trouble = null
    } catch (error) {
      if (order === this.order) this.trouble = troubleOf(error)
    }
  }

  forget() {
    this.campaign = null
    this.trouble = null
    this.refused = null
  }

  /** Does one thing, after those that were asked for before it, and takes the campaign that it answers with. */
  async change(what: (campaign: api.Campaign) => Promise<api.Campaign>): Promise<boolean> {
    const id = this.campaign?.id
    return this.turns.next(async () => {
      const campaign = this.campaign
      if (!campaign || campaign.id !== id) return false
      this.refused = null
      const order = this.order
      try {
        const changed = await what(campaign)
        // Another campaign may be looked at by now.
        if (this.campaign?.id !== id) return false
        const isOlder = order !== this.order
        this.order += 1
        this.campaign = changed
        // What was asked meanwhile, because somebody else changed it, may be newer.
        if (isOlder) void this.load(campaign.id)
        return true
      } catch (error) {
        this.refused = troubleOf(error)
        return false
      }
    })
  }

  /** Part, and what it is narrowed to, stand in the address. */
  show(tab: Tab, more: Record<string, string> = {}) {
    this.refused = null
    page.set({ filters: tab === 'board' ? more : { tab, ...more }, pick: null })
  }

  /** Opens a target in the list. What the list is narrowed to stays only where it shows that target. */
  open(code: string) {
    this.refused = null
    const { state, zone } = page.state.filters
    const target = this.campaign?.targets.find((one) => one.code === code)
    const stays = (!state || target?.state === state) && (!zone || target?.zone === zone)
    const filters = this.tab === 'targets' && stays ? page.state.filters : { tab: 'targets' }
    page.set({ filters, pick: code })
  }

  zoneName(key: string | null | undefined): string {
    return this.campaign?.zones.find((one) => one.key === key)?.name ?? key ?? '–'
  }

  teamName(key: string | null | undefined): string {
    return this.campaign?.teams.find((one) => one.key === key)?.name ?? key ?? '–'
  }
}

export const work = new Work()
