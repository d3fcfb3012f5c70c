import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { refusalData, refusalWord } from './refusals'

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url))
const read = (path: string) => readFileSync(SOURCES + path, 'utf8').replace(/^\s*\/\/.*$/gm, '')
const folder = (path: string) =>
  readdirSync(SOURCES + path)
    .filter((name) => name.endsWith('.rs') && name !== 'tests.rs')
    .map((name) => `${path}/${name}`)
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((one) => one[1] ?? '')

/** Files in which each hyphenated text is the key of a reason. */
const WHOLE = [
  ...folder('inventory/writer'),
  ...folder('inventory/inbox'),
  'inventory/request.rs',
  'survey/visits.rs',
  'survey/retract.rs',
]
/** Files that have other keys too, which have words elsewhere. */
const PARTLY = ['survey/desk.rs', 'http/visits.rs', 'http/fieldwork.rs']
/** Kinds of problems with which a photo is refused for good. */
const ofPhotos = /impl From<DeviceError>[^]*?\n}\n/.exec(read('http/faults.rs'))?.[0] ?? ''
const PHOTOS = found(ofPhotos, /problem::([A-Z_]+)/g).flatMap((name) =>
  found(read('http/problem.rs'), new RegExp(`^ *${name} = "([a-z-]+)", (?!SERVICE|INTERNAL|INSUFF)`, 'gm')),
)

const keys = [
  ...WHOLE.flatMap((path) => found(read(path), /"([a-z]+(?:-[a-z]+)+)"/g)),
  ...PARTLY.flatMap((path) => found(read(path), /refused\((?:[\w.]+, )?"([a-z-]+)"/g)),
  ...PHOTOS,
]

describe('reasons of the server', () => {
  it('are found where the server has them', () => {
    expect(keys).toEqual(expect.arrayContaining(['missing-facts', 'not-open', 'missing-reason', 'already-reviewed']))
    expect(new Set(keys).size).toBeGreaterThan(50)
    expect(PHOTOS).toContain('wrong-hash')
  })

  it.each(['en', 'de', 'zh'] as const)('have words in %s, each', (lang) => {
    const without = [...new Set(keys)].filter((key) => !refusalWord(lang, key))
    expect(without).toEqual([])
  })

  it('of a problem are known by the last part of its type', () => {
    expect(refusalWord('en', '/problems/no-photo')).toBe('The picture is not JPEG, PNG or WebP.')
    expect(refusalWord('en', 'returned')).toBeNull()
    expect(refusalWord('en', null)).toBeNull()
  })

  it('carry data where they say what was given or expected', () => {
    expect(refusalData('given 600 characters, expected at most 500')).not.toBe('')
    expect(refusalData('this outcome needs a reason')).toBe('')
  })
})
