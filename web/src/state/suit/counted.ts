/**
 * Counts of values that an answer brings. Each is of carriers that meet every need (and floor of a wish) about something else: what is asked of the
 * attribute itself is left out, so that the count of a value is what would fit if just this value were asked. Unknown is counted beside.
 */
import type { Facet, Need, Suitability } from '../../api/types'
import type { CodeCount } from '../../catalogue/codes'

export interface Counted<F extends Facet = Facet> {
  collection: string
  facet: F
}
export type Bars = Extract<Facet, { kind: 'histogram' }>

/** The counts of an attribute in the collections that are meant. */
export function countedIn(
  answer: Suitability | null,
  attribute: string | undefined,
  collections: readonly string[],
): Counted[] {
  if (!attribute) return []
  return collections.flatMap((collection) => {
    const facet = answer?.facets?.[collection]?.find((one) => one.attribute === attribute)
    return facet ? [{ collection, facet }] : []
  })
}

/** By code, over all collections; nothing where none is counted. */
export function codesIn(counted: readonly Counted[]): ReadonlyMap<string, CodeCount> | undefined {
  const sums = new Map<string, CodeCount>()
  let isCounted = false
  for (const { facet } of counted) {
    if (facet.kind !== 'codes') continue
    isCounted = true
    for (const { code, count, total } of facet.counts) {
      const before = sums.get(code) ?? { count: 0, total: 0 }
      sums.set(code, { count: before.count + count, total: before.total + total })
    }
  }
  return isCounted ? sums : undefined
}

export function flagsIn(counted: readonly Counted[]): { yes: number; no: number } | undefined {
  const flags = counted.flatMap(({ facet }) => (facet.kind === 'flag' ? [facet] : []))
  const sum = (of: 'yes' | 'no') => flags.reduce((total, facet) => total + facet[of], 0)
  return flags.length > 0 ? { yes: sum('yes'), no: sum('no') } : undefined
}

/** Bars of one collection; bars of several have other edges and cannot be added. */
export function barsIn(counted: readonly Counted[]): Bars | undefined {
  const [first, ...others] = counted
  return others.length === 0 && first?.facet.kind === 'histogram' && first.facet.bins.length > 0
    ? first.facet
    : undefined
}

export function unknownIn(counted: readonly Counted[]): number {
  return counted.reduce((sum, { facet }) => sum + facet.unknown, 0)
}

export function fitIn(bars: Bars): number {
  return bars.bins.reduce((sum, bin) => sum + bin.count, 0)
}

/** Attributes that are counted and of which no need speaks yet, in the answer's order. */
export function notNeeded(
  answer: Suitability | null,
  needs: readonly Need[],
  collections: readonly string[],
): string[] {
  const needed = new Set(needs.map((need) => need.attribute))
  const keys = collections.flatMap((one) => answer?.facets?.[one]?.map((facet) => facet.attribute) ?? [])
  return [...new Set(keys)].filter((key) => !needed.has(key))
}

/** The need with a code more or less. Another way of asking, by class, gives way. */
export function withCode(need: Need, code: string): Need {
  const { at_least: _least, any_of: codes = [], ...rest } = need
  return { ...rest, any_of: codes.includes(code) ? codes.filter((one) => one !== code) : [...codes, code] }
}
