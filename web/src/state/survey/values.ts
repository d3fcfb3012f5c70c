/** What a visit's edits say, field by field. */
import type { Value } from '../../api/types'
import { inventory } from '../inventory.svelte'
import { named, valueText } from '../words.svelte'

export function fieldName(collection: string | null, key: string): string {
  return named(inventory.catalogue.attribute(collection ?? '', key)?.names) || key
}

export function fieldValue(collection: string | null, key: string, value: unknown): string {
  const attribute = inventory.catalogue.attribute(collection ?? '', key)
  if (attribute) return valueText(attribute, value as Value, collection ?? '')
  return value === null || value === undefined ? '?' : typeof value === 'object' ? JSON.stringify(value) : String(value)
}
