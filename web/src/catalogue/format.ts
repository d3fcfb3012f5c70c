/** Values as people read them: by locale, always with the unit, "?" when unknown. */
import type { Attribute, Interval, Lang, Unit, Value } from '../api/types'
import { inLang, type Catalogue } from './catalogue'
import { LAND_UNIT } from './core'

export const UNKNOWN = '?'
const LOCALES: Record<Lang, string> = { zh: 'zh-CN', en: 'en-GB', de: 'de-DE' }
/** Narrow no-break space between number and unit. */
const GAP = '\u202f'

const numberFormats = new Map<string, Intl.NumberFormat>()

export function formatNumber(value: number, lang: Lang, decimals = 0): string {
  const key = `${lang}${decimals}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: decimals })
    numberFormats.set(key, format)
  }
  return format.format(value)
}

export function formatDate(text: string, lang: Lang): string {
  const day = new Date(text.length === 10 ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(day.getTime())) return text
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: lang === 'zh' ? 'long' : 'short',
    day: 'numeric',
  }
  if (text.length === 10) options.timeZone = 'UTC'
  return new Intl.DateTimeFormat(LOCALES[lang], options).format(day)
}

/** Day and minute, in the reader's own zone. */
export function formatTime(text: string, lang: Lang): string {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) return text
  return new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'medium', timeStyle: 'short' }).format(time)
}

/** "12 days ago" in the language. `now` in milliseconds. */
export function formatAge(text: string, lang: Lang, now: number): string {
  const days = Math.round((new Date(text).getTime() - now) / 86_400_000)
  if (Number.isNaN(days)) return text
  const format = new Intl.RelativeTimeFormat(LOCALES[lang], { numeric: 'auto' })
  if (Math.abs(days) >= 700) return format.format(Math.round(days / 365), 'year')
  if (Math.abs(days) >= 60) return format.format(Math.round(days / 30.4), 'month')
  return format.format(days, 'day')
}

/** Digits shown in a unit so that one step is about as fine as in the base unit. */
export function decimalsIn(attribute: Attribute, unit: Unit | undefined): number {
  const own = attribute.decimals ?? 0
  if (!unit || unit.factor === 1) return own
  const finer = Math.ceil(Math.log10(unit.factor))
  return Math.max(0, Math.min(own + finer, 2))
}

export function unitLabel(unit: Unit | undefined, lang: Lang): string {
  const label = inLang(unit?.names, lang)
  return label === '1' ? '' : label
}

function inUnit(attribute: Attribute, value: number, unit: Unit | undefined, lang: Lang): string {
  return formatNumber(value / (unit?.factor ?? 1), lang, decimalsIn(attribute, unit))
}

function withUnit(text: string, unit: Unit | undefined, lang: Lang): string {
  const label = unitLabel(unit, lang)
  if (!label) return text
  return lang === 'zh' && /^[\u4e00-\u9fff]/.test(label) ? `${text}${GAP}${label}` : `${text}${GAP}${label}`
}

export function formatMeasure(attribute: Attribute, value: number, unit: Unit | undefined, lang: Lang): string {
  return withUnit(inUnit(attribute, value, unit, lang), unit, lang)
}

export function formatInterval(attribute: Attribute, value: Interval, unit: Unit | undefined, lang: Lang): string {
  const { min, max } = value
  const number = (one: number) => inUnit(attribute, one, unit, lang)
  if (min == null && max == null) return UNKNOWN
  if (min == null) return withUnit(`${value.max_inclusive === false ? '<' : '≤'} ${number(max as number)}`, unit, lang)
  if (max == null) return withUnit(`${value.min_inclusive === false ? '>' : '≥'} ${number(min)}`, unit, lang)
  return withUnit(min === max ? number(min) : `${number(min)}–${number(max)}`, unit, lang)
}

export interface Formatter {
  catalogue: Catalogue
  lang: Lang
  yes: string
  no: string
}

export function formatValue(how: Formatter, attribute: Attribute, value: Value, unitKey?: string): string {
  if (value === null || value === undefined || value === '') return UNKNOWN
  const unit = how.catalogue.unit(attribute, unitKey)
  if (typeof value === 'boolean') return value ? how.yes : how.no
  if (typeof value === 'number') return formatMeasure(attribute, value, unit, how.lang)
  if (typeof value === 'object') return formatInterval(attribute, value, unit, how.lang)
  if (attribute.kind === 'code') return inLang(how.catalogue.code(attribute.list, value)?.names, how.lang) || value
  if (attribute.kind === 'date') return formatDate(value, how.lang)
  return value
}

/** The size of a carrier. Chinese readers get mu first for land, with square metres beside it. */
export function formatSize(
  how: Formatter,
  attribute: Attribute,
  value: Value,
  land: boolean,
  unitKey?: string,
): string {
  if (typeof value !== 'number') return formatValue(how, attribute, value, unitKey)
  const asked = unitKey ? attribute.units?.find((unit) => unit.key === unitKey) : undefined
  const mu = attribute.units?.find((unit) => unit.key === LAND_UNIT)
  const base = attribute.units?.[0]
  if (asked && asked !== base) return formatMeasure(attribute, value, asked, how.lang)
  const plain = formatMeasure(attribute, value, base, how.lang)
  if (how.lang !== 'zh' || !land || !mu) return plain
  return `${formatMeasure(attribute, value, mu, how.lang)}（${plain}）`
}
