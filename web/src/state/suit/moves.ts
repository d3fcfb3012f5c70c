/** What a change of the requirement did to the order. */

/** Places gained (positive) or lost; `new` for what was not in the list before. What kept its place is left out. */
export type Moves = ReadonlyMap<string, number | 'new'>

export function movesBetween(before: readonly string[], after: readonly string[]): Moves {
  const places = new Map(before.map((code, place) => [code, place]))
  const moves = new Map<string, number | 'new'>()
  if (before.length === 0) return moves
  for (const [place, code] of after.entries()) {
    const old = places.get(code)
    if (old === undefined) moves.set(code, 'new')
    else if (old !== place) moves.set(code, old - place)
  }
  return moves
}

/** What two lists have in common, for "12 of 20 in both". */
export function shared(one: readonly string[], other: readonly string[]): number {
  const codes = new Set(one)
  return other.filter((code) => codes.has(code)).length
}

/** One line of what a requirement asks. */
export interface Asked {
  name: string
  text: string
}

/** What a requirement asks beside another one: as that does, otherwise, or not any more. */
export function differing(
  lines: readonly Asked[],
  other: readonly Asked[],
): (Asked & { state: 'same' | 'other' | 'gone' })[] {
  const isSame = (one: Asked, two: Asked) => one.name === two.name && one.text === two.text
  const own = lines.map((line) => ({
    ...line,
    state: other.some((one) => isSame(one, line)) ? ('same' as const) : ('other' as const),
  }))
  const gone = other.filter((line) => !lines.some((one) => one.name === line.name))
  return [...own, ...gone.map((line) => ({ ...line, state: 'gone' as const }))]
}

/** A name for a copy: the same with the next number that is free. */
export function copyName(name: string, taken: readonly (string | undefined)[]): string {
  const [, stem = name] = /^(.*?)(?: \d+)?$/.exec(name) ?? []
  let next = 2
  while (taken.includes(`${stem} ${next}`)) next += 1
  return `${stem} ${next}`
}
