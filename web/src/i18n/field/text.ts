/** The field app's own messages, beside those of the whole app, so that other pages need not load them. */
import type { Lang } from '../../api/types'
import { fillIn, type Fill } from '../text'
import { de } from './de'
import { en, type FieldKey, type FieldMessages } from './en'
import { zh } from './zh'

export const FIELD_MESSAGES: Record<Lang, FieldMessages> = { zh, en, de }

export function fieldText(lang: Lang, key: FieldKey, fill: Fill = {}): string {
  return fillIn(FIELD_MESSAGES[lang][key], fill)
}

type Plural<K extends string> = K extends `${infer Base}_one` ? Base : never
export type FieldPlural = Plural<FieldKey>

export function fieldPlural(lang: Lang, key: FieldPlural, n: number, shown: string): string {
  const one = new Intl.PluralRules(lang).select(n) === 'one'
  return fieldText(lang, `${key}_${one ? 'one' : 'other'}`, { n: shown })
}
