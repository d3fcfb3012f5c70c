/** The answer as a workbook: a sheet each for what suits, what almost does, what is unknown, and the requirement. Numbers are numbers, days are days. */
import type { CellObject, Sheet } from 'write-excel-file/browser'
import type { Attribute, Suitability, Suited } from '../../api/types'
import type { SuitKey } from '../../i18n/suit/en'

/** How things are called; the same as on the screen. */
export interface Wording {
  text: (key: SuitKey) => string
  nameAt: (path: string) => string
  given: (value: unknown, unit: string | null, attribute?: Attribute) => string
  attributeAt: (path: string, collection: string) => Attribute | undefined
  collectionName: (key: string) => string
  unitName: (unit: string | null | undefined) => string
  freshness: (item: Suited) => string | null
}

type Cell = CellObject | null
const DAY = /^\d{4}-\d\d-\d\d$/

/** Text stays text, whatever it begins with: a cell of a workbook is a formula only where it says so. */
function cell(value: unknown, said: () => string): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'number') return { value, type: Number }
  if (typeof value === 'string' && DAY.test(value)) return { value: new Date(value), type: Date, format: 'yyyy-mm-dd' }
  return { value: said(), type: String }
}
const text = (value: string): Cell => (value ? { value, type: String } : null)
const head = (value: string): CellObject => ({
  value,
  type: String,
  fontWeight: 'bold',
  wrap: true,
  alignVertical: 'top',
})

export function workbookOf(answer: Suitability, requirement: string, how: Wording): Sheet<Blob>[] {
  const sheets: Sheet<Blob>[] = [rowsOf(how.text('excelResults'), answer, answer.results, how)]
  if (answer.near_misses) sheets.push(rowsOf(how.text('excelNear'), answer, answer.near_misses, how))
  sheets.push(rowsOf(how.text('excelUnknown'), answer, answer.unknowns, how))
  const asked = requirement.split('\n').map((line) => [text(line)])
  return [...sheets, { sheet: how.text('excelAsked'), data: asked, columns: [{ width: 100 }] }]
}

function rowsOf(name: string, answer: Suitability, items: readonly Suited[], how: Wording): Sheet<Blob> {
  const isNear = items.some((item) => item.failed)
  const unit = (key: string | null | undefined) => (how.unitName(key) ? ` (${how.unitName(key)})` : '')
  const first = ['#', how.text('code'), how.text('collection'), how.text('name'), how.text('totalScore')].map(head)
  const missed = isNear ? [head(how.text('excelFails')), head(how.text('excelGap'))] : []
  const gates = answer.gates.map((gate) => head(how.nameAt(gate.gate) + unit(gate.unit)))
  const wishes = answer.wishes.flatMap((wish) => [
    head(how.nameAt(wish.wish) + unit(wish.unit)),
    head(`${how.text('points')}: ${how.nameAt(wish.wish)}`),
  ])
  const row = (item: Suited): Cell[] => [
    cell(item.rank, String),
    text(item.code),
    text(how.collectionName(item.collection)),
    text(item.name ?? ''),
    cell(Math.round(item.score * 10) / 10, String),
    ...(isNear ? [text(item.failed ? how.nameAt(item.failed.gate) : ''), gapOf(item, how)] : []),
    ...answer.gates.map(({ gate }) => gateOf(item, gate, how)),
    ...answer.wishes.flatMap(({ wish }) => wishOf(item, wish, how)),
    text(how.freshness(item) ?? ''),
  ]
  return {
    sheet: name,
    data: [[...first, ...missed, ...gates, ...wishes, head(how.text('excelSource'))], ...items.map(row)],
    columns: [{ width: 5 }, { width: 16 }, { width: 12 }, { width: 26 }, { width: 8 }],
    stickyRowsCount: 1,
  }
}

function gapOf(item: Suited, how: Wording): Cell {
  const failed = item.failed
  if (failed?.gap == null) return null
  return text(how.given(failed.gap, failed.unit, how.attributeAt(failed.gate, item.collection)))
}

/** The value where there is one, else how the gate stands. */
function gateOf(item: Suited, path: string, how: Wording): Cell {
  const gate = item.gates.find((one) => one.gate === path)
  if (!gate) return null
  const said = () => how.given(gate.value, gate.unit, how.attributeAt(path, item.collection))
  return cell(gate.value, said) ?? text(how.text(`gate.${gate.state}`))
}

function wishOf(item: Suited, path: string, how: Wording): Cell[] {
  const one = item.points.find((points) => points.wish === path)
  if (!one) return [null, null]
  const said = () => how.given(one.value, one.unit, how.attributeAt(path, item.collection))
  return [cell(one.value, said), cell(Math.round(one.points * 10) / 10, String)]
}

export async function saveWorkbook(sheets: Sheet<Blob>[], name: string) {
  const { default: write } = await import('write-excel-file/browser')
  await write(sheets).toFile(`${name.replace(/[\\/:*?"<>|]/g, '_')}.xlsx`)
}
