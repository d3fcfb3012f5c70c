/** The ranked list as a file that spreadsheets open as it is: UTF-8 with a mark at the start, one line per carrier. */
import type { Attribute, Suitability, Suited } from '../../api/types'
import type { SuitKey } from '../../i18n/suit/en'

/** How values are put into words; the same as on the screen. */
export interface Wording {
  text: (key: SuitKey) => string
  nameAt: (path: string) => string
  given: (value: unknown, unit: string | null, attribute?: Attribute) => string
  attributeAt: (path: string, collection: string) => Attribute | undefined
  collectionName: (key: string) => string
  freshness: (item: Suited) => string | null
}

export function csvOf(answer: Suitability, how: Wording): string {
  const { text } = how
  const head = [
    '#',
    text('code'),
    text('collection'),
    text('name'),
    text('totalScore'),
    ...answer.gates.map((gate) => how.nameAt(gate.gate)),
    ...answer.wishes.flatMap((wish) => [how.nameAt(wish.wish), `${text('points')}: ${how.nameAt(wish.wish)}`]),
  ]
  const value = (one: { value?: unknown; unit: string | null } | undefined, path: string, item: Suited) =>
    one ? how.given(one.value, one.unit, how.attributeAt(path, item.collection)) : ''
  const lines = answer.results.map((item) => [
    String(item.rank ?? ''),
    item.code,
    how.collectionName(item.collection),
    item.name ?? '',
    String(Math.round(item.score * 10) / 10),
    ...answer.gates.map(({ gate }) => {
      const one = item.gates.find((state) => state.gate === gate)
      const state = text(`gate.${one?.state ?? 'unknown'}`)
      return one?.value == null ? state : `${state} (${value(one, gate, item)})`
    }),
    ...answer.wishes.flatMap(({ wish }) => {
      const one = item.points.find((points) => points.wish === wish)
      return [value(one, wish, item), String(Math.round((one?.points ?? 0) * 10) / 10)]
    }),
  ])
  return `\ufeff${[head, ...lines].map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Quoted where needed; what a spreadsheet would take for a formula is kept a text. */
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.,]+$/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

export function saveCsv(content: string, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }))
  link.download = name.replace(/[\\/:*?"<>|]/g, '_')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
