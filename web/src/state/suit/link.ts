/**
 * The desk as the part of the address behind `#`: whole requirements (compressed), which is worked on, tab, comparison. The server never sees it,
 * so its length is limited only by what people can send each other. Defaults are left out. The names and the leading `1.` of a document are fixed
 * for good: links that people have sent each other keep working, and another form gets another number.
 */
import type { Requirement } from '../../api/types'
import { emptyDocument, isDocument, pruned } from './document'

export const TABS = ['ranking', 'near', 'unknown', 'compare', 'scenarios'] as const
export type Tab = (typeof TABS)[number]

export interface DeskState {
  /** Requirements kept side by side; never empty. */
  scenarios: Requirement[]
  /** The one worked on. */
  at: number
  tab: Tab
  compare: string[]
  pick: string | null
  /** The sheet to print is shown. */
  sheet: boolean
}

export const MAX_COMPARED = 6
export const MAX_SCENARIOS = 6

export function emptyDesk(): DeskState {
  return { scenarios: [emptyDocument()], at: 0, tab: 'ranking', compare: [], pick: null, sheet: false }
}

export async function formatDesk(state: DeskState): Promise<string> {
  const out: string[] = []
  const isPlain = state.scenarios.length === 1 && isEmpty(state.scenarios[0])
  if (!isPlain) for (const one of state.scenarios) out.push(`r=${await pack(pruned(one))}`)
  if (state.at > 0) out.push(`at=${state.at}`)
  if (state.tab !== 'ranking') out.push(`tab=${state.tab}`)
  if (state.compare.length > 0) out.push(`compare=${state.compare.map(encodeURIComponent).join(',')}`)
  if (state.pick) out.push(`pick=${encodeURIComponent(state.pick)}`)
  if (state.sheet) out.push('sheet=1')
  return out.join('&')
}

/** What cannot be read is left out; `broken` says that a requirement was among it. */
export async function parseDesk(hash: string): Promise<{ state: DeskState; broken: boolean }> {
  const state = emptyDesk()
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const texts = parameters.getAll('r').slice(0, MAX_SCENARIOS)
  const documents = await Promise.all(texts.map((text) => unpack(text)))
  const good = documents.filter((one) => one !== null)
  if (good.length > 0) state.scenarios = good
  const at = Number(parameters.get('at') ?? 0)
  state.at = Number.isInteger(at) && at > 0 && at < state.scenarios.length ? at : 0
  state.tab = TABS.find((tab) => tab === parameters.get('tab')) ?? 'ranking'
  const codes = (parameters.get('compare') ?? '').split(',').filter(Boolean)
  state.compare = [...new Set(codes)].slice(0, MAX_COMPARED)
  state.pick = parameters.get('pick') || null
  state.sheet = parameters.get('sheet') === '1'
  return { state, broken: good.length < texts.length }
}

function isEmpty(document: Requirement | undefined): boolean {
  return JSON.stringify(pruned(document ?? {})) === JSON.stringify(emptyDocument())
}

async function pack(document: Requirement): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(document))
  const bytes = await through(text, new CompressionStream('deflate-raw'))
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return `1.${btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}`
}

async function unpack(text: string): Promise<Requirement | null> {
  if (!text.startsWith('1.')) return null
  try {
    const binary = atob(text.slice(2).replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
    const plain = await through(bytes, new DecompressionStream('deflate-raw'))
    const value: unknown = JSON.parse(new TextDecoder().decode(plain))
    return isDocument(value) ? value : null
  } catch {
    return null
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter()
  // A damaged text fails here and on reading; the reader tells.
  const written = writer
    .write(bytes)
    .then(() => writer.close())
    .catch(() => undefined)
  const out = await new Response(stream.readable).arrayBuffer()
  await written
  return new Uint8Array(out)
}
