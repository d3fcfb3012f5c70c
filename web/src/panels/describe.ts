/** Words for filters: what a chip says. */
import type { Attribute } from '../api/types'
import { decimalsIn, formatDate, formatNumber, unitLabel } from '../catalogue/format'
import { inLang } from '../catalogue/catalogue'
import { AVAILABLE_BY } from '../catalogue/core'
import type { MessageKey } from '../i18n/en'
import { translate } from '../i18n/text'
import type { Formatter } from '../catalogue/format'

export function describeFilter(how: Formatter, collection: string, filters: Record<string, string>, subject: string) {
  const { catalogue, lang } = how
  const t = (key: MessageKey) => translate(lang, key)
  if (subject === 'q') return `“${filters['q'] ?? ''}”`
  if (subject === AVAILABLE_BY) return `${t('filter.availableBy')} ${formatDate(filters[AVAILABLE_BY] ?? '', lang)}`
  if (subject === 'bbox') return t('filter.area')
  if (subject === 'within' || subject === 'near' || subject === 'radius_m') return t('filter.within')
  const attribute = catalogue.attribute(collection, subject)
  if (!attribute) return subject
  const name = inLang(attribute.names, lang)
  const parts = [interval(how, attribute, filters), plain(how, attribute, filters), unknown(how, attribute, filters)]
  const text = parts.filter(Boolean).join(', ')
  return /^[≥≤]/.test(text) ? `${name} ${text}` : `${name}: ${text}`
}

function interval(how: Formatter, attribute: Attribute, filters: Record<string, string>): string {
  const { key } = attribute
  const [min, max] = [filters[`${key}_min`], filters[`${key}_max`]]
  if (min === undefined && max === undefined) return ''
  const unit = how.catalogue.unit(attribute, filters[`${key}_unit`])
  const text = (value: string) => end(how, attribute, value)
  const label = attribute.kind === 'number' || attribute.kind === 'range' ? unitLabel(unit, how.lang) : ''
  const both =
    max === undefined ? `≥ ${text(min ?? '')}` : min === undefined ? `≤ ${text(max)}` : `${text(min)}–${text(max)}`
  return label ? `${both}\u202f${label}` : both
}

function end(how: Formatter, attribute: Attribute, value: string): string {
  if (attribute.kind === 'date') return formatDate(value, how.lang)
  if (attribute.kind === 'code') return codeName(how, attribute, value)
  const number = Number(value)
  return Number.isFinite(number) ? formatNumber(number, how.lang, Math.max(2, decimalsIn(attribute, undefined))) : value
}

function plain(how: Formatter, attribute: Attribute, filters: Record<string, string>): string {
  const value = filters[attribute.key]
  if (value === undefined) return ''
  if (attribute.kind === 'flag') return value === 'true' ? how.yes : how.no
  if (attribute.kind !== 'code') return value
  const codes = value.split(',')
  const first = codes.slice(0, 2).map((code) => codeName(how, attribute, code))
  return first.join(', ') + (codes.length > 2 ? ` +${codes.length - 2}` : '')
}

function codeName(how: Formatter, attribute: Attribute, code: string): string {
  return inLang(how.catalogue.code(attribute.list, code)?.names, how.lang) || code
}

function unknown(how: Formatter, attribute: Attribute, filters: Record<string, string>): string {
  const WORDS: Record<string, MessageKey> = {
    only: 'filter.onlyUnknown',
    exclude: 'filter.knownOnly',
    include: 'filter.withUnknown',
  }
  const key = WORDS[filters[`${attribute.key}_unknown`] ?? '']
  return key ? translate(how.lang, key) : ''
}
