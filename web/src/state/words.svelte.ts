/** Texts and formats in the page's language. */
import type { Attribute, Names, Value } from '../api/types'
import { inLang } from '../catalogue/catalogue'
import { formatNumber, formatSize, formatValue, type Formatter } from '../catalogue/format'
import { SIZE } from '../catalogue/core'
import type { MessageKey } from '../i18n/en'
import { plural, translate, type Fill, type PluralKey } from '../i18n/text'
import { inventory } from './inventory.svelte'
import { page } from './page.svelte'

export const t = (key: MessageKey, fill?: Fill) => translate(page.lang, key, fill)
export const tn = (key: PluralKey, n: number) => plural(page.lang, key, n, number(n))
export const number = (value: number, decimals = 0) => formatNumber(value, page.lang, decimals)
export const named = (names: Names | null | undefined) => inLang(names, page.lang)

export function formatter(): Formatter {
  return { catalogue: inventory.catalogue, lang: page.lang, yes: t('filter.yes'), no: t('filter.no') }
}

/** A value of a carrier as text. The size of land gets the unit people expect. */
export function valueText(attribute: Attribute, value: Value, collection: string, unit?: string): string {
  const land = collection === inventory.catalogue.carriers[0]?.key
  if (attribute.key.startsWith(SIZE)) return formatSize(formatter(), attribute, value, land, unit)
  return formatValue(formatter(), attribute, value, unit)
}
