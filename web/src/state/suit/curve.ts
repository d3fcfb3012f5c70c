/** The shapes of a wish's value function, and how one is made from another. */
import type { Wish } from '../../api/types'

export const CURVES = ['line', 'near', 'trapezoid'] as const
export type Curve = (typeof CURVES)[number]

export function curveOf(wish: Wish): Curve {
  if (wish.trapezoid) return 'trapezoid'
  return wish.target === undefined ? 'line' : 'near'
}

const isNumber = (value: unknown): value is number => typeof value === 'number'

/** Numbers at which the curve bends, in order. */
function bends(wish: Wish): number[] {
  if (wish.trapezoid) return wish.trapezoid.filter(isNumber)
  const { target, tolerance, worst, best } = wish
  if (isNumber(target)) return [target - (tolerance ?? 0), target, target + (tolerance ?? 0)]
  return [worst, best].filter(isNumber).sort((one, two) => one - two)
}

/** The same wish with another shape over the same stretch of values. */
export function reshaped(wish: Wish, curve: Curve): Wish {
  const all = bends(wish)
  const [low, high] = [all[0] ?? 0, all[all.length - 1] ?? 1]
  const { worst: _worst, best: _best, target: _target, tolerance: _tolerance, trapezoid: _trapezoid, ...rest } = wish
  if (curve === 'line') return { ...rest, worst: low, best: high }
  const middle = (low + high) / 2
  const half = Math.abs(high - low) / 2 || 1
  if (curve === 'near') return { ...rest, target: middle, tolerance: half }
  return { ...rest, trapezoid: [low, middle - half / 2, middle + half / 2, high] }
}

/** Corners of a drawing 100 wide and 24 high; nothing while the wish says too little. */
export function sketch(wish: Wish): string | null {
  const corners = heights(wish)
  if (!corners) return null
  const [from, to] = [Math.min(...corners.map(([at]) => at)), Math.max(...corners.map(([at]) => at))]
  if (!(to > from)) return null
  const margin = (to - from) * 0.15
  const x = (at: number) => (((at - from + margin) / (to - from + 2 * margin)) * 100).toFixed(1)
  const y = (height: number) => (24 - height * 24).toFixed(1)
  const first = corners[0]
  const last = corners[corners.length - 1]
  if (!first || !last) return null
  const inner = corners.map(([at, height]) => `${x(at)},${y(height)}`)
  return [`0,${y(first[1])}`, ...inner, `100,${y(last[1])}`].join(' ')
}

/** Values with their worth, from small to large. */
function heights(wish: Wish): [number, number][] | null {
  const all = bends(wish)
  if (wish.trapezoid) return all.length === 4 ? all.map((at, place) => [at, place === 1 || place === 2 ? 1 : 0]) : null
  if (isNumber(wish.target)) return all.map((at, place) => [at, place === 1 ? 1 : 0])
  const { worst, best } = wish
  if (!isNumber(worst) || !isNumber(best)) return null
  const ends: [number, number][] = [
    [worst, 0],
    [best, 1],
  ]
  return ends.sort(([one], [two]) => one - two)
}
