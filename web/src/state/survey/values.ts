/** What a visit's edits say, field by field; of an outline, how large it is. */
import type { Position } from 'geojson'
import type { InboxField, InboxItem } from '../../api/survey'
import type { Value } from '../../api/types'
import { LAND_UNIT, SIZE } from '../../catalogue/core'
import { formatMeasure } from '../../catalogue/format'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { named, number, valueText } from '../words.svelte'
import { ringsOf } from './outlines'
import { say } from './say'
import { w } from './words.svelte'

/** Key of the field that an outline is. */
export const OUTLINE = 'geometry'

export function fieldName(collection: string | null, key: string): string {
  return named(inventory.catalogue.attribute(collection ?? '', key)?.names) || key
}

export function fieldValue(collection: string | null, key: string, value: unknown): string {
  const attribute = inventory.catalogue.attribute(collection ?? '', key)
  if (attribute) return valueText(attribute, value as Value, collection ?? '')
  return value === null || value === undefined ? '?' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export type OutlineSide = 'base' | 'theirs' | 'mine'

export interface DrawnOutline {
  side: OutlineSide
  name: string
  rings: Position[][]
  /** In the plane of its zone. */
  area_m2: number | null
}

/** The outlines of an item that has one in question, the lowest first. One that stands as it was at the start is there once. */
export function outlineSides(item: InboxItem): DrawnOutline[] {
  const field = item.fields.find((one) => one.key === OUTLINE)
  if (!field) return []
  const order: OutlineSide[] = isRedrawn(field) ? ['base', 'theirs', 'mine'] : ['theirs', 'mine']
  const sides = order.map((side) => ({
    side,
    name: w(side),
    rings: ringsOf(field[side]),
    area_m2: areaOf(field, side),
  }))
  return sides.filter((one) => one.rings.length > 0)
}

/** Whether somebody drew it anew since the start. */
const isRedrawn = ({ base, theirs }: InboxField) => base !== null && JSON.stringify(base) !== JSON.stringify(theirs)

export const areaOf = (field: InboxField, side: OutlineSide) => field.areas_planar_m2?.[side] ?? null

/** An area in square metres and mu. */
export function areaText(collection: string | null, m2: number): string {
  const attribute = inventory.catalogue.attribute(collection ?? '', SIZE)
  if (!attribute) return `${number(m2)}\u202fm²`
  const mu = attribute.units?.find((one) => one.key === LAND_UNIT)
  const [metres, land] = [attribute.units?.[0], mu].map((unit) => unit && formatMeasure(attribute, m2, unit, page.lang))
  return land ? `${metres} (${land})` : (metres ?? '')
}

/** How much larger or smaller than what stands; nothing where that cannot be said. */
export function differenceText(collection: string | null, field: InboxField, side: OutlineSide): string {
  const [own, theirs] = [areaOf(field, side), areaOf(field, 'theirs')]
  if (own === null || theirs === null || side === 'theirs') return ''
  const apart = own - theirs
  if (Math.abs(apart) < 0.005) return say('sameArea')
  const sign = apart > 0 ? '+' : '−'
  const share = theirs > 0 ? `, ${sign}${number((100 * Math.abs(apart)) / theirs, 1)}\u202f%` : ''
  return say('areaApart', { n: `${sign}${areaText(collection, Math.abs(apart))}${share}` })
}
