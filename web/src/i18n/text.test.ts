import { describe, expect, it } from 'vitest'
import { FIELD_MESSAGES } from './field/text'
import { INBOX_MESSAGES } from './inbox'
import { PAST_MESSAGES } from './past'
import { PHOTO_MESSAGES } from './photos'
import { SUIT_MESSAGES } from './suit/text'
import { SURVEY_MESSAGES } from './survey/text'
import { LANGS, MESSAGES, plural, preferredLang, translate } from './text'

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('languages', () => {
  it('have the same keys, none empty', () => {
    const keys = Object.keys(MESSAGES.en).sort()
    expect(keys.length).toBeGreaterThan(100)
    for (const lang of LANGS) {
      expect(Object.keys(MESSAGES[lang]).sort()).toEqual(keys)
      for (const [key, text] of Object.entries(MESSAGES[lang])) expect(text.trim(), `${lang} ${key}`).not.toBe('')
    }
  })

  it('have the same placeholders', () => {
    for (const [key, text] of Object.entries(MESSAGES.en))
      for (const lang of LANGS) {
        const other = (MESSAGES[lang] as Record<string, string>)[key] ?? ''
        expect(placeholders(other), `${lang} ${key}`).toEqual(placeholders(text))
      }
  })

  it('are translated', () => {
    const latin = Object.entries(MESSAGES.zh).filter(([, text]) => !/[\u4e00-\u9fff]/.test(text))
    expect(latin.map(([key]) => key)).toEqual(['detail.observed', 'detail.changed'])
  })

  it('fill in and count', () => {
    expect(translate('en', 'search.inView', { n: 12, total: 31 })).toBe('12 in view, 31 in total')
    expect(plural('en', 'search.results', 1, '1')).toBe('1 result')
    expect(plural('de', 'edit.changes', 2, '2')).toBe('2 Änderungen')
    expect(plural('zh', 'edit.changes', 1, '1')).toBe('1 处更改')
  })

  it.each([
    [['fr-FR', 'de-AT'], 'de'],
    [['zh-TW'], 'zh'],
    [['pt'], 'en'],
    [[], 'en'],
  ] as const)('picks for %j', (wishes, expected) => {
    expect(preferredLang(wishes)).toBe(expected)
  })
})

describe('languages of the past', () => {
  it('have the same placeholders, none empty', () => {
    for (const lang of LANGS)
      for (const [key, text] of Object.entries(PAST_MESSAGES[lang])) {
        expect(text.trim(), `${lang} ${key}`).not.toBe('')
        const english = (PAST_MESSAGES.en as Record<string, string>)[key] ?? ''
        expect(placeholders(text), `${lang} ${key}`).toEqual(placeholders(english))
      }
  })

  it('are translated', () => {
    const latin = Object.entries(PAST_MESSAGES.zh).filter(([, text]) => !/[\u4e00-\u9fff]/.test(text))
    expect(latin.map(([key]) => key)).toEqual(['by'])
  })
})

describe.each([
  ['inbox', INBOX_MESSAGES, []],
  ['photos', PHOTO_MESSAGES, ['photo']],
] as const)('languages of %s', (_name, messages, latin) => {
  const english: Record<string, string> = messages.en
  it('have the same keys and placeholders, none empty', () => {
    for (const lang of LANGS) {
      expect(Object.keys(messages[lang]).sort()).toEqual(Object.keys(english).sort())
      for (const [key, text] of Object.entries(messages[lang])) {
        expect(text.trim(), `${lang} ${key}`).not.toBe('')
        expect(placeholders(text), `${lang} ${key}`).toEqual(placeholders(english[key] ?? ''))
      }
    }
  })

  it('are translated', () => {
    const found = Object.entries(messages.zh).filter(([, text]) => !/[\u4e00-\u9fff]/.test(text))
    expect(found.map(([key]) => key)).toEqual(latin)
  })
})

describe('languages of the desk', () => {
  it('have the same keys and placeholders, none empty', () => {
    const keys = Object.keys(SUIT_MESSAGES.en).sort()
    expect(keys.length).toBeGreaterThan(100)
    for (const lang of LANGS) {
      expect(Object.keys(SUIT_MESSAGES[lang]).sort()).toEqual(keys)
      for (const [key, text] of Object.entries(SUIT_MESSAGES[lang])) {
        expect(text.trim(), `${lang} ${key}`).not.toBe('')
        const english = (SUIT_MESSAGES.en as Record<string, string>)[key] ?? ''
        expect(placeholders(text), `${lang} ${key}`).toEqual(placeholders(english))
      }
    }
  })

  it('are translated', () => {
    const latin = Object.entries(SUIT_MESSAGES.zh).filter(([, text]) => !/[\u4e00-\u9fff]/.test(text))
    expect(latin.map(([key]) => key).filter((key) => key !== 'evidence' && key !== 'relaxTo')).toEqual([])
    const english = Object.entries(SUIT_MESSAGES.de).filter(
      ([key, text]) =>
        text === (SUIT_MESSAGES.en as Record<string, string>)[key] && /[a-z]{5}/i.test(text.replace(/\{\w+\}/g, '')),
    )
    expect(english.map(([key]) => key)).toEqual([])
  })
})

describe('languages of the field', () => {
  it('have the same keys and placeholders, none empty', () => {
    const keys = Object.keys(FIELD_MESSAGES.en).sort()
    for (const lang of LANGS) {
      expect(Object.keys(FIELD_MESSAGES[lang]).sort()).toEqual(keys)
      for (const [key, text] of Object.entries(FIELD_MESSAGES[lang])) {
        expect(text.trim(), `${lang} ${key}`).not.toBe('')
        const english = (FIELD_MESSAGES.en as Record<string, string>)[key] ?? ''
        expect(placeholders(text), `${lang} ${key}`).toEqual(placeholders(english))
      }
    }
  })

  it('are translated', () => {
    const words = (text: string) => text.replace(/\{\w+\}/g, '')
    for (const [key, text] of Object.entries(FIELD_MESSAGES.en)) {
      expect(FIELD_MESSAGES.zh[key as keyof typeof FIELD_MESSAGES.en], key).toMatch(/[\u4e00-\u9fff]/)
      const german = FIELD_MESSAGES.de[key as keyof typeof FIELD_MESSAGES.en]
      if (/[a-z]{5}/i.test(words(text))) expect(german, key).not.toBe(text)
    }
  })
})

describe('languages of field work at the desk', () => {
  it('have the same placeholders, none empty', () => {
    for (const lang of LANGS)
      for (const [key, text] of Object.entries(SURVEY_MESSAGES[lang])) {
        const english = (SURVEY_MESSAGES.en as Record<string, string>)[key] ?? ''
        expect(text.trim(), `${lang} ${key}`).not.toBe('')
        expect(placeholders(text), `${lang} ${key}`).toEqual(placeholders(english))
      }
  })
})
