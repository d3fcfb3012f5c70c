/** The field's texts and measures in the page's language. */
import { formatNumber } from '../catalogue/format'
import { fieldPlural, fieldText, type FieldPlural } from '../i18n/field/text'
import type { FieldKey } from '../i18n/field/en'
import { refusalWord } from '../i18n/refusals'
import type { Fill } from '../i18n/text'
import { page } from '../state/page.svelte'

export const f = (key: FieldKey, fill?: Fill) => fieldText(page.lang, key, fill)
export const fn = (key: FieldPlural, n: number) => fieldPlural(page.lang, key, n, formatNumber(n, page.lang))

/** Metres as people say them on the way: 5 m steps near, kilometres far. */
export function lengthText(metres: number): string {
  if (metres < 1000) return `${formatNumber(metres < 30 ? metres : Math.round(metres / 5) * 5, page.lang)}\u202fm`
  return `${formatNumber(metres / 1000, page.lang, metres < 10_000 ? 1 : 0)}\u202fkm`
}

export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${formatNumber(bytes / 1e3, page.lang)}\u202fkB`
  if (bytes < 1e9) return `${formatNumber(bytes / 1e6, page.lang, 1)}\u202fMB`
  return `${formatNumber(bytes / 1e9, page.lang, 1)}\u202fGB`
}

export function bearingText(degrees: number): string {
  return f(`bearing.${(Math.round(degrees / 45) % 8) as 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`)
}

const LOCALES = { zh: 'zh-CN', en: 'en-GB', de: 'de-DE' } as const

export function timeText(at: number): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short' }
  return new Intl.DateTimeFormat(LOCALES[page.lang], options).format(at)
}

/** A day with its weekday; YYYY-MM-DD of the place where one is. */
export function dayText(day: string): string {
  const options: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short' }
  return new Intl.DateTimeFormat(LOCALES[page.lang], options).format(new Date(`${day}T12:00:00`))
}

/** Why something was refused or sent back: a key of the server in words, else what a person wrote. */
export function whyText(reason: string | undefined, detail: string | undefined): string {
  return refusalWord(page.lang, reason) ?? refusalWord(page.lang, detail) ?? detail ?? reason ?? ''
}
