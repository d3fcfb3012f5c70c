/** Pairwise comparisons of wishes: row over column, as numbers or fractions, reciprocal about the diagonal. */
import type { Requirement } from '../../api/types'

type Matrix = NonNullable<Requirement['compare']>

/** Steps offered, from "far more" to "far less". */
export const SCALE = ['9', '7', '5', '3', '1', '1/3', '1/5', '1/7', '1/9'] as const

/** The document's matrix where it is of the right size, with all that is missing as equal. */
export function matrixOf(document: Requirement): Matrix {
  const count = document.wishes?.length ?? 0
  const places = [...Array(count).keys()]
  return places.map((row) => places.map((column) => tidy(document.compare?.[row]?.[column] ?? 1)))
}

function tidy(entry: number | string): number | string {
  const text = String(entry)
  return text.includes('/') ? text : Number(text)
}

/** The matrix with one comparison and its counterpart set. */
export function compared(matrix: Matrix, [row, column]: readonly [number, number], step: string): Matrix {
  const set = (at: number, other: number, entry: number | string) => {
    if (at === row && other === column) return tidy(step)
    if (at === column && other === row) return inverse(step)
    return entry
  }
  return matrix.map((entries, at) => entries.map((entry, other) => set(at, other, entry)))
}

function inverse(step: string): number | string {
  if (step === '1') return 1
  return step.startsWith('1/') ? Number(step.slice(2)) : `1/${step}`
}
