/** Messages with their placeholders filled in. Pure; the page's language is given. */
import type { Lang } from '../api/types'
import { de } from './de'
import { en, type MessageKey, type Messages } from './en'
import { zh } from './zh'

export const MESSAGES: Record<Lang, Messages> = { zh, en, de }
export const LANGS: readonly Lang[] = ['zh', 'en', 'de']
export const LANG_NAMES: Record<Lang, string> = { zh: '中文', en: 'English', de: 'Deutsch' }

export type Fill = Record<string, string | number>

export function translate(lang: Lang, key: MessageKey, fill: Fill = {}): string {
  return fillIn(MESSAGES[lang][key], fill)
}

export function fillIn(text: string, fill: Fill): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole))
}

type Plural<K extends string> = K extends `${infer Base}_one` ? Base : never
export type PluralKey = Plural<MessageKey>

/** The form of a message that fits a number; `shown` is how the number is written. */
export function plural(lang: Lang, key: PluralKey, n: number, shown: string): string {
  const one = new Intl.PluralRules(lang).select(n) === 'one'
  return translate(lang, `${key}_${one ? 'one' : 'other'}`, { n: shown })
}

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key)
}

/** The visitor's language when the address names none. */
export function preferredLang(wishes: readonly string[]): Lang {
  for (const wish of wishes) {
    const found = LANGS.find((lang) => wish.toLowerCase().startsWith(lang))
    if (found) return found
  }
  return 'en'
}
