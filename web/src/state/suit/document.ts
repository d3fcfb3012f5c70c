/**
 * The requirement document and the few changes that a form makes to it. The document itself is the form's state: what a control does not know
 * stays as it was written, so that text and form can be used in turn.
 */
import type { Need, Relaxation, Requirement, Wish } from '../../api/types'
import { matrixOf } from './pairwise'

/** What a need is about; exactly one of these members. */
export const NEED_KINDS = ['attribute', 'available_by', 'fits', 'net_area', 'distance', 'inside', 'outside'] as const
export type NeedKind = (typeof NEED_KINDS)[number]
export type Json = string | number | boolean | null | Json[] | { [member: string]: Json }

export function emptyDocument(): Requirement {
  return { seeks: ['parcel'] }
}

export function needKind(need: Need): NeedKind | undefined {
  return NEED_KINDS.find((kind) => need[kind] !== undefined)
}

/** Sets a member, however deep; `undefined` takes it out. Nothing else changes. */
export function withMember<T extends object>(object: T, path: readonly (string | number)[], value: unknown): T {
  const [first, ...rest] = path
  if (first === undefined) return object
  const before = (object as Record<string | number, unknown>)[first]
  const inner = rest.length === 0 ? value : withMember((before ?? {}) as object, rest, value)
  if (Array.isArray(object)) {
    const next: unknown[] = [...object]
    if (inner === undefined) next.splice(Number(first), 1)
    else next[Number(first)] = inner
    return next as unknown as T
  }
  const { [first]: _old, ...others } = object as Record<string | number, unknown>
  if (inner === undefined) return others as T
  // Keeps the order of members, so that the text does not jump.
  return first in object ? ({ ...object, [first]: inner } as T) : ({ ...others, [first]: inner } as T)
}

/** Without empty lists and an empty name: the shortest document that means the same. */
export function pruned(document: Requirement): Requirement {
  const isEmpty = (value: unknown) =>
    value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(document).filter(([, value]) => !isEmpty(value))) as Requirement
}

/** Whether a need asks something yet. */
function asks(need: Need): boolean {
  if (need.attribute === undefined) return true
  if (need.any_of) return need.any_of.length > 0
  return Object.keys(need).some((member) => !['attribute', 'unit', 'for', 'unknown', 'scheme'].includes(member))
}

function values(wish: Wish): boolean {
  return !(Array.isArray(wish.prefer) && wish.prefer.length === 0)
}

/** What of a document can be asked: without needs and wishes that were just added and say nothing yet. */
export function asking(document: Requirement): Requirement {
  const { needs = [], wishes = [] } = document
  const asked = pruned({ ...document, needs: needs.filter(asks), wishes: wishes.filter(values) })
  return document.compare ? pairwise(document, asked) : asked
}

/** Comparisons of the wishes that are asked, instead of weights. */
function pairwise(document: Requirement, asked: Requirement): Requirement {
  const matrix = matrixOf(document)
  const places = (document.wishes ?? []).flatMap((wish, place) => (values(wish) ? [place] : []))
  const compare = places.map((row) => places.map((column) => matrix[row]?.[column] ?? 1))
  const wishes = (asked.wishes ?? []).map(({ weight: _weight, ...wish }) => wish)
  return pruned({ ...asked, wishes, compare: places.length > 1 ? compare : [] })
}

/** The place in the whole list of what is at this place in the list that was asked. */
export function placeInForm(document: Requirement, list: 'needs' | 'wishes', place: number): number {
  const isAsked = list === 'needs' ? (document.needs ?? []).map(asks) : (document.wishes ?? []).map(values)
  const places = isAsked.flatMap((asked, at) => (asked ? [at] : []))
  return places[place] ?? place
}

/** A number as people type it, with a comma or a point; nothing for what is no number. */
export function typedNumber(text: string): number | undefined {
  const plain = text.trim().replace(/\s/g, '').replace(',', '.')
  if (plain === '' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined
  const number = Number(plain)
  return Number.isFinite(number) ? number : undefined
}

/** A number of the document as a control shows it; what is typed back unchanged is the same number. */
export function shownNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''
}

/** The same amount in another unit, short enough to read. */
export function converted(value: number, from: number, to: number): number {
  return Number(((value * from) / to).toPrecision(6))
}

export function asText(document: Requirement): string {
  const lines = JSON.stringify(pruned(document), null, 2)
  // Needs and wishes on one line each where they are short: this is how people write them.
  return lines.replace(/\{\n\s+([^{}]*?)\n\s+\}/g, (whole, inner: string) => {
    const flat = `{ ${inner.replace(/\n\s+/g, ' ')} }`
    return flat.length <= 100 ? flat : whole
  })
}

export type Read = { document: Requirement; fault?: undefined } | { document?: undefined; fault: Unread }
/** Why a text is no document, and where. */
export interface Unread {
  line: number | null
  reason: string
}

export function readText(text: string): Read {
  try {
    const value: unknown = JSON.parse(text)
    if (isDocument(value)) return { document: value }
    return { fault: { line: 1, reason: '{ … }' } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const at = /position (\d+)/.exec(reason)
    return { fault: { line: at ? text.slice(0, Number(at[1])).split('\n').length : null, reason } }
  }
}

/** Whether a value has the outline of a requirement, so that the form can show it; the server checks the rest. */
export function isDocument(value: unknown): value is Requirement {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const one = value as Record<string, unknown>
  const listOf = (list: unknown, holds: (item: unknown) => boolean) =>
    list === undefined || (Array.isArray(list) && list.every(holds))
  const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item)
  return (
    listOf(one['needs'], isObject) &&
    listOf(one['wishes'], isObject) &&
    listOf(one['seeks'], (item) => typeof item === 'string')
  )
}

/** `needs[2].min` as `['needs', 2, 'min']`. */
export function pathOf(text: string): (string | number)[] {
  return [...text.matchAll(/([a-z_]+)|\[(\d+)\]/gi)].map((match) =>
    match[2] === undefined ? String(match[1]) : Number(match[2]),
  )
}

/** The requirement with one gate relaxed as the server offers it. */
export function relaxed(document: Requirement, offer: Relaxation): Requirement {
  const gate = inForm(document, pathOf(offer.gate))
  if (offer.without) return withMember(document, gate, undefined)
  if (offer.add !== undefined) {
    const codes = (memberAt(document, gate) as Need | undefined)?.any_of ?? []
    return withMember(document, [...gate, 'any_of'], [...codes, offer.add])
  }
  if (offer.member === undefined || offer.to === undefined) return document
  return withMember(document, inForm(document, pathOf(offer.member)), offer.to)
}

/** A path of what was asked as a path of the whole document, which may hold what is not asked yet. */
function inForm(document: Requirement, path: readonly (string | number)[]): (string | number)[] {
  const [list, place, ...rest] = path
  if ((list !== 'needs' && list !== 'wishes') || typeof place !== 'number') return [...path]
  return [list, placeInForm(document, list, place), ...rest]
}

export function memberAt(document: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      value === null || value === undefined ? undefined : (value as Record<string | number, unknown>)[step],
    document,
  )
}

/** Shares of all weights, as the server counts them. */
export function weightShares(wishes: readonly Wish[]): number[] {
  const weights = wishes.map((wish) => wish.weight ?? 1)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => (sum > 0 ? weight / sum : 0))
}
