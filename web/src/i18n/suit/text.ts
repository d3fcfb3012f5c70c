/** The desk's own messages, beside those of the whole app, so that other pages need not load them. */
import type { Lang } from '../../api/types'
import { fillIn, type Fill } from '../text'
import { de } from './de'
import { en, type SuitKey, type SuitMessages } from './en'
import { zh } from './zh'

export const SUIT_MESSAGES: Record<Lang, SuitMessages> = { zh, en, de }

export function suitText(lang: Lang, key: SuitKey, fill: Fill = {}): string {
  return fillIn(SUIT_MESSAGES[lang][key], fill)
}
