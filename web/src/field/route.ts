/** The order of visits, made anew on the device after a skip: from where one stands, nearest first, then 2-opt on the open path. */
import { distance, type LonLat } from './geo'
import type { Row } from './view'

/** Rounds over all pairs; each round of a hundred stops takes about a millisecond. */
const MOST_ROUNDS = 30

/** Places of the stops in the order of the path. */
export function order(start: LonLat, stops: readonly LonLat[]): number[] {
  return improve(start, stops, nearestFirst(start, stops))
}

/** Metres of the open path from the start through all stops. */
export function pathLength(start: LonLat, stops: readonly LonLat[], path: readonly number[]): number {
  let from = start
  let sum = 0
  for (const at of path) {
    const to = stops[at]
    if (!to) continue
    sum += distance(from, to)
    from = to
  }
  return sum
}

/** Targets in the order of a path from the start; those without a place come last. */
export function anew<T extends { point: LonLat | null }>(rows: readonly T[], start: LonLat | null | undefined): T[] {
  const placed = rows.flatMap((row) => (row.point ? [{ row, point: row.point }] : []))
  if (!start) return [...rows]
  const way = order(
    start,
    placed.map((one) => one.point),
  )
  return [...way.flatMap((at) => placed[at]?.row ?? []), ...rows.filter((row) => !row.point)]
}

/** The codes in a new order after a skip: the skipped one behind the others of its day, whose way is made anew from where the device is. */
export function behind(code: string, day: readonly Row[], here: LonLat | null | undefined, route: string[]): string[] {
  const open = day.filter((row) => row.target.code !== code)
  const start = here ?? day.find((row) => row.target.code === code)?.point
  const way = anew(open, start)
    .map((row) => row.target.code)
    .concat(code)
  return [...route.filter((one) => !way.includes(one)), ...way]
}

function nearestFirst(start: LonLat, stops: readonly LonLat[]): number[] {
  const left = new Set(stops.keys())
  const path: number[] = []
  let from = start
  while (left.size > 0) {
    let best = -1
    let least = Infinity
    for (const at of left) {
      const metres = distance(from, stops[at] ?? from)
      if (metres < least) [best, least] = [at, metres]
    }
    if (best < 0) break
    left.delete(best)
    path.push(best)
    from = stops[best] ?? from
  }
  return path
}

function improve(start: LonLat, stops: readonly LonLat[], given: number[]): number[] {
  const path = [...given]
  const place = (at: number): LonLat => (at < 0 ? start : (stops[path[at] ?? 0] ?? start))
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let better = false
    for (let i = 0; i < path.length - 1; i += 1)
      for (let j = i + 1; j < path.length; j += 1) {
        // The last stop has no way on: reversing the tail changes one edge only.
        const after = j + 1 < path.length
        const now = distance(place(i - 1), place(i)) + (after ? distance(place(j), place(j + 1)) : 0)
        const then = distance(place(i - 1), place(j)) + (after ? distance(place(i), place(j + 1)) : 0)
        if (then < now - 1e-6) {
          path.splice(i, j - i + 1, ...path.slice(i, j + 1).reverse())
          better = true
        }
      }
    if (!better) break
  }
  return path
}
