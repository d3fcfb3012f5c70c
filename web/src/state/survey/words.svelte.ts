/** Words of field work in the reader's language, and what a refusal of the server says. */
import { Offline, Refused } from '../../api/client'
import type { Fault } from '../../api/types'
import { formatAge, formatDate } from '../../catalogue/format'
import type { Fill } from '../../i18n/text'
import { isSurveyKey, surveyText } from '../../i18n/survey/text'
import type { SurveyKey } from '../../i18n/survey/en'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { named, number } from '../words.svelte'

export const w = (key: SurveyKey, fill?: Fill) => surveyText(page.lang, key, fill)

/** A word for a key that the server gave; the key itself where there is none. */
export function wordOf(prefix: string, key: string | null | undefined): string {
  const full = `${prefix}.${key ?? ''}`
  return isSurveyKey(full) ? w(full) : (key ?? '')
}

export const day = (text: string | null | undefined) => (text ? formatDate(text, page.lang) : '–')
export const ago = (text: string) => formatAge(text, page.lang, Date.now())
export const collectionName = (key: string | null) =>
  named(inventory.catalogue.collection(key ?? '')?.names) || (key ?? '')

const LOCALES = { zh: 'zh-CN', en: 'en-GB', de: 'de-DE' }

export function moment(text: string | null | undefined): string {
  const time = new Date(text ?? '')
  if (Number.isNaN(time.getTime())) return '–'
  return new Intl.DateTimeFormat(LOCALES[page.lang], { dateStyle: 'medium', timeStyle: 'short' }).format(time)
}

/** Shares are rounded down: 100 % is said only of all. */
export function share(part: number, whole: number): string {
  if (whole === 0) return '–'
  const percent = (100 * part) / whole
  return `${number(percent >= 100 ? percent : Math.floor(percent))}\u202f%`
}

export function hours(minutes: number): string {
  if (minutes < 90) return w('minutes', { n: number(Math.round(minutes)) })
  return w('hours', { n: number(minutes / 60, 1) })
}

export interface Trouble {
  text: string
  faults: Fault[]
  kind: string
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof Refused) {
    const { problem } = error
    const given = problem.given ? ` (${problem.given})` : ''
    const kind = problem.type.replace('/problems/', '')
    const text =
      problem.status === 403 || problem.status === 401 ? w('forbidden') : `${problem.detail ?? problem.title}${given}`
    return { text, faults: problem.faults ?? [], kind }
  }
  if (error instanceof Offline) return { text: w('offline'), faults: [], kind: 'offline' }
  console.warn(error)
  return { text: w('failed'), faults: [], kind: 'unknown' }
}
