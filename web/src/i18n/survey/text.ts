/** Messages of field work at the desk, beside those of the whole app, so that other pages need not load them. */
import type { Lang } from '../../api/types'
import { fillIn, type Fill } from '../text'
import { de } from './de'
import { en, type SurveyKey, type SurveyMessages } from './en'
import { zh } from './zh'

export const SURVEY_MESSAGES: Record<Lang, SurveyMessages> = { zh, en, de }

export function surveyText(lang: Lang, key: SurveyKey, fill: Fill = {}): string {
  return fillIn(SURVEY_MESSAGES[lang][key], fill)
}

export function isSurveyKey(key: string): key is SurveyKey {
  return Object.hasOwn(en, key)
}
