/** The only file that fetches. Every function is one request; a refusal becomes a `Refused` with the server's problem document. */
import type {
  Box,
  Carrier,
  CatalogueDoc,
  Edit,
  FacetsAnswer,
  HistoryEntry,
  Problem,
  Receipt,
  SavedRequirement,
  Requirement,
  SearchAnswer,
  Settings,
  Suitability,
  Viewer,
} from './types'

export type Parameters = Record<string, string>

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title)
  }
}

/** The server could not be reached at all. */
export class Offline extends Error {}

export interface Options {
  method?: string
  /** Sent as JSON. */
  body?: unknown
  /** Sent as they are, instead of a body in JSON. */
  bytes?: ArrayBuffer
  signal?: AbortSignal | undefined
}

/** One request of the program's interface; also for the files beside this one. */
export async function request(path: string, options: Options = {}): Promise<Response> {
  const init: RequestInit = { method: options.method ?? 'GET', credentials: 'same-origin', headers: headers(options) }
  if (options.body !== undefined) init.body = JSON.stringify(options.body)
  if (options.bytes) init.body = options.bytes
  if (options.signal) init.signal = options.signal
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Offline(path, { cause })
  }
  if (response.ok) return response
  throw new Refused(await problemOf(response))
}

function headers(options: Options): Record<string, string> {
  const out: Record<string, string> = { Accept: 'application/json' }
  if (options.method && options.method !== 'GET') out['X-Zaiti'] = '1'
  if (options.body !== undefined) out['Content-Type'] = 'application/json'
  if (options.bytes) out['Content-Type'] = 'application/octet-stream'
  return out
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = { type: 'about:blank', title: response.statusText || 'error', status: response.status }
  if (!(response.headers.get('content-type') ?? '').includes('json')) return fallback
  return { ...fallback, ...((await response.json()) as Partial<Problem>) }
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { signal })
  return (await response.json()) as T
}

export function query(parameters: Parameters): string {
  return new URLSearchParams(parameters).toString()
}

export const catalogue = () => read<CatalogueDoc>('/api/v1/catalogue')
export const settings = () => read<Settings>('/api/v1/settings')
export const session = (signal?: AbortSignal) => read<Viewer>('/api/v1/session', signal)
export const search = (parameters: Parameters, signal?: AbortSignal) =>
  read<SearchAnswer>(`/api/v1/search?${query(parameters)}`, signal)
export const facets = (parameters: Parameters, signal?: AbortSignal) =>
  read<FacetsAnswer>(`/api/v1/facets?${query(parameters)}`, signal)
/** `at` is a point in the past; without it the present. */
export const carrier = (code: string, at: string | null = null) =>
  read<Carrier>(`/api/v1/carriers/${encodeURIComponent(code)}${asOf(at)}`)

export async function history(code: string, at: string | null = null): Promise<HistoryEntry[]> {
  const path = `/api/v1/carriers/${encodeURIComponent(code)}/history${asOf(at)}`
  return (await read<{ entries: HistoryEntry[] }>(path)).entries
}

const asOf = (at: string | null) => (at ? `?${query({ at })}` : '')

export async function logIn(name: string, password: string): Promise<Viewer> {
  const response = await request('/api/v1/session', { method: 'POST', body: { name, password } })
  return (await response.json()) as Viewer
}

export async function logOut(): Promise<void> {
  await request('/api/v1/session', { method: 'DELETE' })
}

export async function sendEdit(edit: Edit): Promise<Receipt> {
  const response = await request('/api/v1/edits', { method: 'POST', body: { edits: [edit] } })
  const receipts = ((await response.json()) as { receipts: Receipt[] }).receipts
  const receipt = receipts.find((one) => one.edit === edit.id)
  if (!receipt) throw new Refused({ type: 'about:blank', title: 'no receipt', status: 502 })
  return receipt
}

export async function suitability(requirement: Requirement, signal?: AbortSignal): Promise<Suitability> {
  const response = await request('/api/v1/suitability', { method: 'POST', body: requirement, signal })
  return (await response.json()) as Suitability
}

const REQUIREMENTS = '/api/v1/requirements'

export async function requirements(): Promise<SavedRequirement[]> {
  return (await read<{ requirements: SavedRequirement[] }>(REQUIREMENTS)).requirements
}

export const requirement = (id: string) => read<SavedRequirement>(`${REQUIREMENTS}/${id}`)

export async function saveRequirement(document: Requirement): Promise<SavedRequirement> {
  const response = await request(REQUIREMENTS, { method: 'POST', body: document })
  return (await response.json()) as SavedRequirement
}

/** Asks again at the revision of now; the answer is kept. */
export async function runRequirement(id: string): Promise<Suitability> {
  const response = await request(`${REQUIREMENTS}/${id}/runs`, { method: 'POST' })
  return (await response.json()) as Suitability
}

export const requirementAnswer = (id: string, revision: number) =>
  read<Suitability>(`${REQUIREMENTS}/${id}/runs/${revision}`)

/** Follows the server's revisions until the returned function is called. The browser reconnects by itself. */
export function followRevisions(onRevision: (revision: number) => void, onOnline: (online: boolean) => void) {
  const source = new EventSource('/api/v1/changes/stream')
  source.addEventListener('open', () => onOnline(true))
  source.addEventListener('error', () => onOnline(false))
  source.addEventListener('revision', (event) => {
    const data = JSON.parse((event as MessageEvent<string>).data) as { revision: number }
    onRevision(data.revision)
  })
  return () => source.close()
}

/** The box that holds a collection's records. */
export async function extent(collection: string): Promise<Box> {
  const WORLD: Box = [-180, -60, 180, 75]
  try {
    const answer = await read<{ bounds?: Box | null }>(`/tiles/${encodeURIComponent(collection)}`)
    return answer.bounds ?? WORLD
  } catch {
    return WORLD
  }
}
