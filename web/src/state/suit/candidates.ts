/** What of an answer the map shows beside each view of it. */
import type { FittedHall, Suitability, Suited } from '../../api/types'
import type { Candidate } from '../../map/candidates'
import type { Tab } from './link'

export function candidatesOf(answer: Suitability | null, tab: Tab, compare: readonly string[]): Candidate[] {
  if (!answer) return []
  const near = answer.near_misses ?? []
  const fit = answer.results.map((item) => candidate(item, 'fit', String(item.rank ?? '')))
  if (tab === 'near') return [...fit, ...near.map((item) => candidate(item, 'near', '≈'))]
  if (tab === 'unknown') return [...fit, ...answer.unknowns.map((item) => candidate(item, 'open', '?'))]
  if (tab !== 'compare' || compare.length === 0) return fit
  const all = [
    ...fit,
    ...near.map((item) => candidate(item, 'near', '≈')),
    ...answer.unknowns.map((item) => candidate(item, 'open', '?')),
  ]
  return all.filter((one) => compare.includes(one.code))
}

function candidate(item: Suited, kind: Candidate['kind'], label: string): Candidate {
  const outline = (item.geometry ?? null) as Candidate['outline']
  return {
    code: item.code,
    collection: item.collection,
    kind,
    label,
    box: item.bbox,
    hall: hallOf(item),
    members: item.assembly?.codes ?? [],
    outline,
  }
}

/** The hall that a gate has found room for: the first one, where several were asked for. */
function hallOf(item: Suited): FittedHall | null {
  for (const { fit } of item.gates)
    if (fit?.geometry)
      return { geometry: fit.geometry as unknown as FittedHall['geometry'], angle_deg: fit.angle_deg ?? 0 }
  return null
}
