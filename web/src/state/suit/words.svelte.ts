/** Words of the desk in the reader's language: what a need or wish is called, and values as the server gave them, in the asker's unit. */
import type { Attribute, GateState, Interval, Need, Points, Requirement, Suited, Value, Wish } from '../../api/types'
import type { CodeNode } from '../../catalogue/catalogue'
import { attributeOf, seekOf, soughtCollections } from '../../catalogue/criteria'
import {
  decimalsIn,
  formatAge,
  formatDate,
  formatNumber,
  formatValue,
  unitLabel,
  UNKNOWN,
} from '../../catalogue/format'
import type { Fill } from '../../i18n/text'
import type { SuitKey } from '../../i18n/suit/en'
import { suitText } from '../../i18n/suit/text'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { formatter, named, number, t } from '../words.svelte'
import { countedIn } from './counted'
import { desk } from './desk.svelte'
import { memberAt, needKind, pathOf, weightShares } from './document'
import type { Asked } from './moves'

const THIN = '\u202f'
const NUMERIC_DECIMALS = 2

export const s = (key: SuitKey, fill?: Fill) => suitText(page.lang, key, fill)
export const points = (value: number) => number(value, 1)
export const percent = (share: number) => number(Math.round(share * 100))

export function sought(seeks = desk.document.seeks) {
  return soughtCollections(inventory.catalogue, seeks)
}

/** Land alone is sought: its sizes are said in mu. */
export function isLandOnly(): boolean {
  const [first, ...others] = sought()
  return others.length === 0 && first === inventory.catalogue.carriers[0]
}

/** What the answer counts of a need's attribute in the collections that the need is for. */
export function countedFor(need: Need) {
  const isMeant = (key: string) => !need.for?.length || need.for.includes(key) || need.for.includes(seekOf(key))
  const collections = sought().map((one) => one.key)
  return countedIn(desk.answer, need.attribute, collections.filter(isMeant))
}

/** All codes that an attribute can have in these collections: the same attribute may have a list of its own in each. */
export function forestOf(attribute: string, collections: readonly string[]): CodeNode[] {
  const { catalogue } = inventory
  const lists = new Set(collections.map((one) => catalogue.attribute(one, attribute)?.list ?? ''))
  const roots = [...lists].flatMap((list) => catalogue.tree(list))
  return [...new Map(roots.map((node) => [node.code.code, node])).values()]
}

/** The name of a code in whichever sought collection has it. */
export function codeNameOf(attribute: string, code: string): string {
  const names = sought().map((one) => codeName(inventory.catalogue.attribute(one.key, attribute), code))
  return names.find((name) => name !== code) ?? code
}

export function subject(of: Need | Wish): Attribute | undefined {
  return attributeOf(inventory.catalogue, inventory.catalogue.carriers, of.attribute)
}

export function overlayName(key: string | undefined): string {
  const found = inventory.catalogue.overlays.find((one) => one.key === key)
  return named(found?.names) || (key ?? UNKNOWN)
}

export function needName(need: Need): string {
  const kind = needKind(need)
  if (kind === 'attribute') return named(subject(need)?.names) || (need.attribute ?? UNKNOWN)
  if (kind === 'available_by') return s('availableBy')
  if (kind === 'fits') return s('fits')
  if (kind === 'distance') return s('distanceTo', { name: overlayName(need.distance?.overlay) })
  if (kind === 'inside') return s('insideOf', { name: overlayName(need.inside?.overlay) })
  if (kind === 'outside') return s('outsideOf', { name: overlayName(need.outside?.overlay) })
  return UNKNOWN
}

export function wishName(wish: Wish): string {
  if (wish.distance) return s('distanceTo', { name: overlayName(wish.distance.overlay) })
  return named(subject(wish)?.names) || (wish.attribute ?? UNKNOWN)
}

/** A gate or wish of the answer by its path in the requirement that was asked. */
export function nameAt(path: string): string {
  const [list, place] = pathOf(path)
  const found = memberAt(desk.asked, [list ?? '', place ?? 0])
  if (typeof found !== 'object' || found === null) return path
  return list === 'needs' ? needName(found as Need) : wishName(found as Wish)
}

export function attributeAt(path: string, collection: string): Attribute | undefined {
  const [list, place] = pathOf(path)
  const found = memberAt(desk.asked, [list ?? '', place ?? 0, 'attribute'])
  return typeof found === 'string' ? inventory.catalogue.attribute(collection, found) : undefined
}

function withUnit(text: string, unitKey: string | null | undefined, attribute: Attribute | undefined): string {
  if (!unitKey) return text
  if (unitKey === 'days') return s('days', { n: text })
  const unit = attribute?.units?.find((one) => one.key === unitKey)
  const label = unit ? unitLabel(unit, page.lang) : unitKey
  return label ? `${text}${THIN}${label}` : text
}

/** A value of the answer: it is already in the asker's unit. */
export function given(value: unknown, unitKey: string | null | undefined, attribute?: Attribute): string {
  if (value === null || value === undefined) return UNKNOWN
  if (typeof value === 'number') return withUnit(plainNumber(value, unitKey, attribute), unitKey, attribute)
  if (typeof value === 'object' && 'width_m' in value && 'depth_m' in value) {
    return `${number(Number(value.width_m), 1)} × ${number(Number(value.depth_m), 1)}${THIN}m`
  }
  if (typeof value === 'object' && !Array.isArray(value)) {
    const { min, max } = value as Interval
    const write = (end: number) => plainNumber(end, unitKey, attribute)
    if (min == null && max == null) return UNKNOWN
    const text = min == null ? `≤ ${write(max ?? 0)}` : max == null ? `≥ ${write(min)}` : `${write(min)}–${write(max)}`
    return withUnit(text, unitKey, attribute)
  }
  if (attribute) return formatValue(formatter(), attribute, value as Value)
  if (typeof value === 'boolean') return value ? t('filter.yes') : t('filter.no')
  const text = String(value)
  return /^\d{4}-\d\d-\d\d$/.test(text) ? formatDate(text, page.lang) : text
}

function plainNumber(value: number, unitKey: string | null | undefined, attribute: Attribute | undefined): string {
  const unit = attribute?.units?.find((one) => one.key === unitKey)
  const decimals = attribute ? Math.max(decimalsIn(attribute, unit), Math.abs(value) < 10 ? 1 : 0) : 0
  return formatNumber(value, page.lang, Math.abs(value) >= 1000 ? 0 : Math.min(decimals, NUMERIC_DECIMALS))
}

/** Where a value comes from and how old it is; nothing where nothing is recorded. */
export function sourceOf(one: Pick<Points, 'evidence' | 'observed_at'> | GateState): string {
  if (!one.observed_at) return ''
  const evidence = one.evidence ? t(`evidence.${one.evidence}`) : s('evidenceNone')
  return s('evidence', { evidence, age: formatAge(one.observed_at, page.lang, Date.now()) })
}

/** Evidence and age of the least fresh value that met a need or gave points; what people should doubt first. */
export function freshness(item: Suited): string | null {
  const points = item.points.filter((one) => one.state === 'known')
  const gates = item.gates.filter((one) => one.state === 'pass')
  const dated = [...points, ...gates].filter((one) => one.observed_at)
  const oldest = dated.sort((a, b) => String(a.observed_at).localeCompare(String(b.observed_at)))[0]
  return oldest ? sourceOf(oldest) : null
}

export function collectionName(key: string): string {
  return named(inventory.catalogue.collection(key)?.names) || key
}

export function scenarioName(place: number): string {
  return desk.state.scenarios[place]?.name || s('unnamed', { n: place + 1 })
}

/** The letter that marks a wish beside its colour. */
export function letter(place: number): string {
  return String.fromCharCode(65 + (place % 26))
}

/** What stands beside a code: its kind where several are sought, otherwise its name without the code. */
export function besideCode(item: Suited): string {
  if (sought().length > 1) return collectionName(item.collection)
  return (item.name ?? '').replace(item.code, '').trim()
}

/** What a need asks, in words, for the sheet: "65–90 mu", "by 1 Mar 2027". */
export function needText(need: Need): string {
  const attribute = subject(need)
  const end = (value: unknown) => given(value, need.unit ?? attribute?.unit, attribute)
  const codes = (need.any_of ?? []).map((code) => codeName(attribute, code)).join(', ')
  const { fits, distance } = need
  if (fits) {
    const size = `${number(fits.width_m, 1)} × ${number(fits.depth_m, 1)}${THIN}m`
    const setbacks = [fits.setback_m ?? []].flat().filter((metres) => metres > 0)
    if (setbacks.length === 0) return size
    return `${size}, ${s('setback')} ${setbacks.map((metres) => number(metres, 1)).join(' / ')}${THIN}m`
  }
  if (need.available_by) return formatDate(need.available_by, page.lang)
  if (codes) return codes
  if (need.at_least) return `≥ ${codeName(attribute, need.at_least)}`
  if (need.is !== undefined) return need.is ? s('yes') : s('no')
  const [min, max] = distance ? [distance.min_m, distance.max_m] : [need.min, need.max]
  const write = (value: unknown) => (distance ? given(value, 'm') : end(value))
  const parts = [min === undefined ? '' : `≥ ${write(min)}`, max === undefined ? '' : `≤ ${write(max)}`]
  return parts.filter(Boolean).join(', ')
}

/** From where to where a wish gives points. */
export function wishText(wish: Wish): string {
  const attribute = subject(wish)
  if (wish.distance) return `${given(wish.worst_m, 'm')} → ${given(wish.best_m, 'm')}`
  if (wish.worst !== undefined && wish.best !== undefined) {
    const unit = wish.unit ?? attribute?.unit
    return `${given(wish.worst, null, attribute)} → ${given(wish.best, unit, attribute)}`
  }
  if (Array.isArray(wish.prefer)) return wish.prefer.map((code) => codeName(attribute, String(code))).join(', ')
  if (wish.prefer !== undefined) return wish.prefer ? s('yes') : s('no')
  return ''
}

/** All that a requirement asks, a line each. */
export function askedLines({ seeks, needs = [], wishes = [], assemble }: Requirement): Asked[] {
  const shares = weightShares(wishes)
  return [
    {
      name: s('seeks'),
      text: sought(seeks)
        .map((one) => named(one.names))
        .join(', '),
    },
    ...needs.map((need) => ({ name: needName(need), text: needText(need) })),
    ...wishes.map((wish, place) => ({
      name: `★ ${wishName(wish)}`,
      text: `${wishText(wish)} · ${percent(shares[place] ?? 0)} %`,
    })),
    ...(assemble ? [{ name: s('members'), text: `≤ ${number(assemble.max_parcels ?? 0)}` }] : []),
  ]
}

function codeName(attribute: Attribute | undefined, code: string): string {
  return named(inventory.catalogue.code(attribute?.list, code)?.names) || code
}

/** Name of a unit by its key, whichever attribute has it; nothing for what has none. */
export function unitName(key: string | null | undefined): string {
  const units = inventory.catalogue.carriers.flatMap((one) => inventory.catalogue.attributesOf(one.key))
  const unit = units.flatMap((one) => one.units ?? []).find((one) => one.key === key)
  return unit ? unitLabel(unit, page.lang) : ''
}

/** All words that files need. */
export function wording() {
  return { text: s, nameAt, given, attributeAt, collectionName, unitName, freshness }
}
