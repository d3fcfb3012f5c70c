/** What can be needed or wished, from the catalogue: attributes of the sought collections, and what a wish of one begins with. */
import type { Attribute, Collection, Facet, Need, Requirement, Wish } from '../api/types'
import type { Catalogue } from './catalogue'
import { LAND_UNIT, SIZE } from './core'

export interface Criterion {
  key: string
  /** As the first sought collection that has it says. */
  attribute: Attribute
  /** Sought collections that have it. */
  collections: string[]
}
export interface CriterionGroup {
  key: string
  names: Attribute['names']
  criteria: Criterion[]
}

/** A collection as a requirement names it: in the singular. */
export function seekOf(collection: string): string {
  return collection.replace(/s$/, '')
}

export function soughtCollections(catalogue: Catalogue, seeks: readonly string[] | undefined): Collection[] {
  const sought = catalogue.carriers.filter((one) => seeks?.some((seek) => seek === one.key || seek === seekOf(one.key)))
  return sought.length > 0 ? sought : catalogue.carriers
}

export function criterionGroups(catalogue: Catalogue, sought: readonly Collection[]): CriterionGroup[] {
  const byKey = new Map<string, Criterion>()
  for (const { key: collection } of sought)
    for (const attribute of catalogue.searchable(collection)) {
      if (attribute.kind === 'text' || !(attribute.criterion || attribute.facet)) continue
      const known = byKey.get(attribute.key)
      if (known) known.collections.push(collection)
      else byKey.set(attribute.key, { key: attribute.key, attribute, collections: [collection] })
    }
  const all = [...byKey.values()]
  return catalogue.doc.groups
    .map((group) => ({ ...group, criteria: all.filter((one) => one.attribute.group === group.key) }))
    .filter((group) => group.criteria.length > 0)
}

/** The attribute that a need or wish speaks of, in one of the collections it is for. */
export function attributeOf(catalogue: Catalogue, sought: readonly Collection[], key: string | undefined) {
  if (key === undefined) return undefined
  for (const { key: collection } of sought) {
    const found = catalogue.attribute(collection, key)
    if (found) return found
  }
  return undefined
}

type Histogram = Extract<Facet, { kind: 'histogram' }>

/** The unit people think in: mu for the size of land, otherwise the base unit. */
export function usualUnit(attribute: Attribute, isLand: boolean): string | undefined {
  const mu = attribute.units?.find((unit) => unit.key === LAND_UNIT)
  return isLand && mu && attribute.key.startsWith(SIZE) ? mu.key : undefined
}

/** Anchors that part most of what is there: a tenth lies beyond either. Rounded to two digits in the unit. */
export function anchors(attribute: Attribute, facet: Histogram | undefined, unit: string | undefined) {
  const factor = attribute.units?.find((one) => one.key === unit)?.factor ?? 1
  const low = quantile(facet, 0.1) ?? 0
  const high = quantile(facet, 0.9) ?? 1
  const [from, to] = [rounded(low / factor), rounded(high / factor)]
  const distinct = from === to ? [from, rounded(from * 1.5) + 1] : [from, to]
  const [worst, best] = attribute.criterion === 'less' ? [distinct[1], distinct[0]] : distinct
  return { worst: worst ?? 0, best: best ?? 1 }
}

function quantile(facet: Histogram | undefined, share: number): number | undefined {
  const bins = facet?.bins ?? []
  const total = bins.reduce((sum, bin) => sum + bin.total, 0)
  let seen = 0
  for (const bin of bins) {
    if (bin.total > 0 && seen + bin.total >= share * total)
      return bin.from + ((share * total - seen) / bin.total) * (bin.to - bin.from)
    seen += bin.total
  }
  return undefined
}

function rounded(value: number): number {
  return Number(value.toPrecision(2))
}

export function dayOf(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}

/** A wish for an attribute as it is first put in the form. */
export function newWish(attribute: Attribute, facet: Facet | undefined, isLand: boolean, weight: number): Wish {
  const { key, kind } = attribute
  if (kind === 'flag') return { attribute: key, prefer: true, weight }
  if (kind === 'code') return { attribute: key, prefer: [], weight }
  const histogram = facet?.kind === 'histogram' ? facet : undefined
  const unit = usualUnit(attribute, isLand)
  const { worst, best } = anchors(attribute, histogram, unit)
  if (kind === 'date') {
    const day = (share: number) => dayOf(Math.round(quantile(histogram, share) ?? Date.now() / 86_400_000))
    return { attribute: key, worst: day(0.9), best: day(0.1), weight }
  }
  return { attribute: key, worst, best, ...(unit ? { unit } : {}), weight }
}

export function newNeed(attribute: Attribute, isLand: boolean): Need {
  const { key, kind } = attribute
  if (kind === 'flag') return { attribute: key, is: true }
  if (kind === 'code') return { attribute: key, any_of: [] }
  const unit = usualUnit(attribute, isLand)
  return { attribute: key, ...(unit ? { unit } : {}) }
}

/** The few most telling measured criteria of a collection: those in the search panel first. */
export function tellingCriteria(catalogue: Catalogue, collection: string, most: number): Attribute[] {
  const all = catalogue.searchable(collection).filter((one) => one.kind === 'number')
  const directed = all.filter((one) => one.criterion === 'more' || one.criterion === 'less')
  return [...directed.filter((one) => one.facet), ...directed.filter((one) => !one.facet)].slice(0, most)
}

/** A requirement to begin with, for one collection: free by a day, off what cannot be built on, the most telling criteria as wishes. */
export function example(
  catalogue: Catalogue,
  collection: Collection,
  facets: readonly Facet[],
  by: string,
): Requirement {
  const isLand = collection.key === catalogue.carriers[0]?.key
  const hard = catalogue.overlays.filter((one) => one.overlay?.effect === 'exclude')
  const wishes = tellingCriteria(catalogue, collection.key, 4).map((attribute, place) =>
    newWish(
      attribute,
      facets.find((facet) => facet.attribute === attribute.key),
      isLand,
      40 - 10 * place,
    ),
  )
  const outside = isLand ? hard.map((one): Need => ({ outside: { overlay: one.key } })) : []
  return { seeks: [seekOf(collection.key) as 'parcel'], needs: [{ available_by: by }, ...outside], wishes }
}
