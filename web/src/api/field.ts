/** What the phone asks of the server and tells it. Each function is one request; a link that hangs counts as none. */
import type { FeatureCollection, Geometry } from 'geojson'
import { request } from './client'
import type { Evidence, Feature, Names, Receipt, Value } from './types'

/** A request over a bad link is given up after this, milliseconds. */
export const PATIENCE_MS = 30_000

export interface Position {
  lon: number
  lat: number
  accuracy_m: number
}

/** An edit as the phone sends it: one field, or a status with the facts that its step needs. */
export interface FieldEdit {
  id: string
  collection: string
  record: string
  base_version: number
  set: Record<string, Exclude<Value, undefined>>
  observed_at: string
  evidence: Evidence
  field: { device: string; counter: number; visit?: string; position?: Position }
}

export type VisitOutcome = 'confirmed' | 'changed' | 'no_access' | 'not_found' | 'dropped'

export type NoAccessReason = 'locked' | 'refused' | 'danger' | 'site'

export interface Away {
  metres: number
  reason: string
  reason_key?: 'view' | 'gps' | 'blocked' | 'place'
}

export interface VisitPhoto {
  sha256: string
  bytes: number
  media_type: string
  slot: string
  taken_at: string
  position?: Position
}

export interface Visit {
  id: string
  campaign: string
  record: string
  base_version: number
  outcome: VisitOutcome
  reason?: string
  /** The same, where it was chosen from the list. */
  reason_key?: NoAccessReason
  retry_on?: string
  observed_at: string
  device: string
  counter: number
  position?: Position
  away?: Away
  edits: string[]
  photos: VisitPhoto[]
  note?: string
}

export interface VisitReceipt {
  visit: string
  outcome: 'applied' | 'proposed' | 'returned'
  reason?: string | null
  detail?: string | null
  /** Whether the server has it as it was sent. */
  kept?: boolean
}

export interface Decision {
  verdict: 'approved' | 'returned' | 'rejected' | 'withdrawn'
  reason: string
}

export interface Target {
  code: string
  record: string
  collection: string
  zone?: string | null
  order?: number | null
  /** `open`, `to_review`, `approved`, `returned`, `quarantined`, `excepted`, `replaced`, `revisit`. */
  state: string
  point: [number, number] | null
  /** The last visit, where it was this surveyor's. */
  visit?: { id: string; outcome: VisitOutcome; review?: { verdict: string; reason: string } | null } | null
  closed?: boolean
  successors?: string[]
  /** Once its record was split or merged: the targets in its place. */
  replaced?: { heirs: string[] } | null
}

export interface WantedPhoto {
  key: string
  names: Names
  required: boolean
}

export interface CampaignLine {
  id: string
  name: string
  deadline: string
  state: string
}

export interface FieldPackage {
  campaign: CampaignLine
  /** What is asked, by collection. */
  form: Record<string, { key: string; required: boolean }[]>
  /** Photos that are asked for, by collection. */
  photos_wanted: Record<string, WantedPhoto[]>
  /** Largest photo that is taken; packages of older servers do not say it. */
  photo_limits?: { bytes: number; pixels: number }
  zones: { key: string; name: string; polygon: Geometry | null; day?: string | null }[]
  targets: Target[]
  carriers: { features: Feature[] }
  overlays: FeatureCollection
  revision: number
  made_at: string
}

export interface PhotoState {
  received: number
  verified: boolean
}

async function ask<T>(path: string, options: Parameters<typeof request>[1] = {}): Promise<T> {
  const response = await request(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) })
  return (await response.json()) as T
}

export async function campaigns(): Promise<CampaignLine[]> {
  const answer = await ask<{ campaigns: CampaignLine[] }>('/api/v1/campaigns')
  return answer.campaigns
}

/** The package and its size in bytes. */
export async function fieldPackage(id: string): Promise<{ doc: FieldPackage; bytes: number }> {
  const response = await request(`/api/v1/campaigns/${encodeURIComponent(id)}/package`)
  const text = await response.text()
  return { doc: JSON.parse(text) as FieldPackage, bytes: new Blob([text]).size }
}

/** Zones and targets of the package as they stand now: much less than the package, and enough to see what came back. */
export async function targets(id: string): Promise<Pick<FieldPackage, 'zones' | 'targets'>> {
  return ask(`/api/v1/campaigns/${encodeURIComponent(id)}/targets`)
}

/** With the name of their author where somebody else brings them. */
export async function sendEdits(edits: FieldEdit[], author?: string): Promise<Receipt[]> {
  const body = { edits, on_behalf_of: author }
  return (await ask<{ receipts: Receipt[] }>('/api/v1/edits', { method: 'POST', body })).receipts
}

export async function sendVisits(visits: Visit[], author?: string): Promise<VisitReceipt[]> {
  const body = { visits, on_behalf_of: author }
  return (await ask<{ receipts: VisitReceipt[] }>('/api/v1/visits', { method: 'POST', body })).receipts
}

/** A visit that its author takes back, from this device. */
export interface Retraction {
  visit: string
  device: string
}

export async function retract(retractions: Retraction[], author?: string): Promise<VisitReceipt[]> {
  const body = { retractions, on_behalf_of: author }
  return (await ask<{ receipts: VisitReceipt[] }>('/api/v1/visits/retractions', { method: 'POST', body })).receipts
}

interface VisitWord {
  receipt: VisitReceipt | null
  review: Decision | null
}

/** What people decided of visits; `null` where nobody has yet. */
export async function visitStatus(ids: string[]): Promise<VisitWord[]> {
  const body = { visits: ids }
  return (await ask<{ visits: VisitWord[] }>('/api/v1/visits/status', { method: 'POST', body })).visits
}

export interface EditWord {
  receipt: Receipt
  decision: Decision | null
  /** Of what was written by the decision, where anything was. */
  written: Receipt | null
}

/** What became of edits since their receipts. */
export async function editStatus(ids: string[]): Promise<EditWord[]> {
  const body = { edits: ids }
  return (await ask<{ edits: EditWord[] }>('/api/v1/edits/status', { method: 'POST', body })).edits
}

export const photoState = (sha256: string) => ask<PhotoState>(`/api/v1/photos/${sha256}/status`)

export function putPhoto(sha256: string, offset: number, size: number, bytes: ArrayBuffer): Promise<PhotoState> {
  return ask<PhotoState>(`/api/v1/photos/${sha256}?offset=${offset}&size=${size}`, { method: 'PUT', bytes })
}

export async function heard(device: string, pending: number): Promise<void> {
  await request(`/api/v1/devices/${device}/heard`, {
    method: 'POST',
    body: { pending },
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
}
