/** Needs and wishes about place and time as they begin, before anybody has typed. */
import type { Need, Wish } from '../../api/types'

export function placeNeed(kind: string, overlay: string, soon: string): Need | undefined {
  const made: Record<string, Need> = {
    available_by: { available_by: soon },
    fits: { fits: { width_m: 100, depth_m: 50, setback_m: 10 } },
    net_area: { net_area: { min: 20_000, setback_m: 10 } },
    distance: { distance: { overlay, max_m: 3000 } },
    inside: { inside: { overlay } },
    outside: { outside: { overlay } },
  }
  return made[kind]
}

export function placeWish(kind: string, overlay: string, weight: number): Wish {
  if (kind === 'net_area') return { net_area: { setback_m: 10 }, worst: 10_000, best: 60_000, weight }
  return { distance: { overlay }, worst_m: 5000, best_m: 500, weight }
}
