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
