/** The campaign that is looked at. Every change answers with the campaign as it is then. */
import * as api from '../../api/survey'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { troubleOf, type Trouble } from './words.svelte'

/** Parts of a campaign's page, in the order of its tabs. */
export const TABS = ['board', 'zones', 'targets', 'review', 'signoff', 'log'] as const
export type Tab = (typeof TABS)[number]

class Work {
  campaign = $state.raw<api.Campaign | null>(null)
  trouble = $state.raw<Trouble | null>(null)
  /** What cannot be done now, said where it was tried. */
  refused = $state.raw<Trouble | null>(null)
  busy = $state(false)

  readonly leads = $derived(inventory.viewer.role === 'steward' || inventory.viewer.role === 'admin')
  readonly tab: Tab = $derived(TABS.find((one) => one === page.state.filters['tab']) ?? 'board')
  readonly waiting = $derived((this.campaign?.to_review ?? []).map((visit) => ({ visit })))

  async load(id: string) {
    if (this.campaign?.id !== id) this.forget()
    try {
      this.campaign = await api.campaign(id)
      this.trouble = null
    } catch (error) {
      this.trouble = troubleOf(error)
    }
  }

  forget() {
    this.campaign = null
    this.trouble = null
    this.refused = null
  }

  /** Does one thing and takes the campaign that it answers with. */
  async change(what: (campaign: api.Campaign) => Promise<api.Campaign>): Promise<boolean> {
    const campaign = this.campaign
    if (!campaign || this.busy) return false
    this.busy = true
    this.refused = null
    try {
      this.campaign = await what(campaign)
      return true
    } catch (error) {
      this.refused = troubleOf(error)
      return false
    } finally {
      this.busy = false
    }
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
