/** Requests of field work at the desk: campaigns, reviews, sign-off, the inbox. */
import type { Geometry } from 'geojson'
import { read, request } from './client'
import type { components } from './schema'
import type { Lang } from './types'

type Schemas = components['schemas']

export type Numbers = Schemas['Numbers']
export type CampaignLine = Schemas['CampaignLine']
export type Target = Schemas['CampaignTarget']
export type TargetState = Target['state']
export type KeptVisit = Schemas['KeptVisit']
export type VisitPhoto = Schemas['VisitPhoto']
export type Team = Schemas['Team']
export type Verdict = Schemas['Verdict']
export type Zone = Omit<Schemas['Zone'], 'polygon'> & { polygon?: Geometry | null }
export type CampaignZone = Zone & Omit<Schemas['CampaignZone'], keyof Schemas['Zone']>
export type Campaign = Omit<Schemas['Campaign'], 'zones' | 'area'> & {
  zones: CampaignZone[]
  area?: Geometry | null
}
export type Launch = Omit<Schemas['Launch'], 'area'> & { area: Geometry | null }
export type Exception = Schemas['SurveyException']
export type EditStatus = Schemas['EditStatuses']['edits'][number]
export type Inbox = Schemas['Inbox']
export type InboxItem = Schemas['InboxItem']
export type InboxField = Schemas['InboxField']
export type DecisionRequest = Schemas['DecisionRequest']
export type DecisionResult = Schemas['DecisionResults']['results'][number]
export type ReviewResult = Schemas['ReviewResults']['results'][number]
export type Device = Schemas['Device']
export interface Review {
  visit: string
  verdict: Verdict
  reason?: string
}

const CAMPAIGNS = '/api/v1/campaigns'
const at = (id: string, part = '') => `${CAMPAIGNS}/${encodeURIComponent(id)}${part}`

async function send<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const response = await request(path, { method, body })
  return (await response.json()) as T
}

export async function campaigns(signal?: AbortSignal): Promise<CampaignLine[]> {
  return (await read<{ campaigns: CampaignLine[] }>(CAMPAIGNS, signal)).campaigns
}

export const campaign = (id: string, signal?: AbortSignal) => read<Campaign>(at(id), signal)
export const preview = (launch: Launch) => send<Campaign>(`${CAMPAIGNS}?preview=true`, launch)
export const launch = (launch: Launch) => send<Campaign>(CAMPAIGNS, launch)
export const retarget = (id: string, change: Schemas['Targets']) => send<Campaign>(at(id, '/targets'), change)
export const rezone = (id: string, zones: Zone[], teams?: Team[]) =>
  send<Campaign>(at(id, '/zones'), teams ? { zones, teams } : { zones }, 'PUT')
export const drawSample = (id: string, zone: string | null) => send<Campaign>(at(id, '/sample'), { zone })
export const signOff = (id: string, zone: string | null, exceptions: Exception[]) =>
  send<Campaign>(at(id, '/sign-off'), { zone, exceptions })
export const reportAddress = (id: string, lang: Lang) => at(id, `/report?lang=${lang}`)

export async function balance(id: string, teams: string[], days: string[]): Promise<Zone[]> {
  return (await send<{ zones: Zone[] }>(at(id, '/zones/balance'), { teams, days })).zones
}

export async function review(id: string, reviews: Review[]): Promise<ReviewResult[]> {
  return (await send<{ results: ReviewResult[] }>(at(id, '/reviews'), { reviews })).results
}

/** What became of edits, in batches that the server takes. */
export async function statuses(edits: readonly string[]): Promise<EditStatus[]> {
  const BATCH = 200
  const out: EditStatus[] = []
  for (let from = 0; from < edits.length; from += BATCH) {
    const batch = edits.slice(from, from + BATCH)
    out.push(...(await send<{ edits: EditStatus[] }>('/api/v1/edits/status', { edits: batch })).edits)
  }
  return out
}

export interface InboxQuery {
  state?: 'open' | 'decided'
  after?: string | null
  visit?: string
  code?: string
  limit?: number
}

export function inbox({ state = 'open', ...more }: InboxQuery, signal?: AbortSignal): Promise<Inbox> {
  const query = new URLSearchParams({ state })
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, String(value))
  return read<Inbox>(`/api/v1/inbox?${query}`, signal)
}

/** The most that the server gives, or takes decisions on, at once. */
const MOST = 500

/** The first of a list, at least so many if there are: who has looked at several pages keeps their place when it is read anew. */
export async function inboxAtLeast(count: number, query: InboxQuery): Promise<Inbox> {
  let found = await inbox({ ...query, limit: Math.min(count, MOST) })
  while (found.next && found.items.length < count) {
    const limit = Math.min(count - found.items.length, MOST)
    const more = await inbox({ ...query, after: found.next, limit })
    found = { ...more, items: [...found.items, ...more.items] }
  }
  return found
}

/** All that waits of one visit. */
export async function waitingOf(visit: string): Promise<InboxItem[]> {
  const items: InboxItem[] = []
  let after: string | null = null
  do {
    const found: Inbox = await inbox({ visit, after })
    items.push(...found.items)
    after = found.next
  } while (after)
  return items
}

export async function decide(decisions: DecisionRequest[]): Promise<DecisionResult[]> {
  return (await send<{ results: DecisionResult[] }>('/api/v1/inbox/decisions', { decisions })).results
}

/** Decides on however many, in parts; the answers to a part come as soon as it has taken effect. */
export async function* decideInParts(decisions: readonly DecisionRequest[]): AsyncGenerator<DecisionResult[]> {
  for (let at = 0; at < decisions.length; at += MOST) yield await decide(decisions.slice(at, at + MOST))
}

export async function devices(signal?: AbortSignal): Promise<Device[]> {
  return (await read<{ devices: Device[] }>('/api/v1/devices', signal)).devices
}

export const revoke = (device: string, reason: string) =>
  send<Device>(`/api/v1/devices/${encodeURIComponent(device)}/revoke`, { reason })
