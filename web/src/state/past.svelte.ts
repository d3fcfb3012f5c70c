/** Words about the past in the page's language. */
import { formatDate, formatTime } from '../catalogue/format'
import { PAST_MESSAGES, type PastKey } from '../i18n/past'
import { fillIn, type Fill } from '../i18n/text'
import { page } from './page.svelte'

export const p = (key: PastKey, fill: Fill = {}) => fillIn(PAST_MESSAGES[page.lang][key], fill)
export const timeText = (text: string) => formatTime(text, page.lang)

/** A point in the past as text: a day, a time, or a revision. */
export function pointText(point: string): string {
  if (/^\d+$/.test(point)) return p('revision', { n: point })
  return point.includes('T') ? timeText(point) : formatDate(point, page.lang)
}
