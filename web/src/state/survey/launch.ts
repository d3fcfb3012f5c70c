/** From what stands in the form to a launch as the server takes it. Pure. */
import type { Geometry } from 'geojson'
import type { Launch, Team } from '../../api/survey'
import type { Box } from '../../api/types'
import { STATUS } from '../../catalogue/core'
import { parseState } from '../url'

interface Form {
  name: string
  deadline: string
  pasted: string
  stale: string | number | null
  teams: string
  start: string
}
interface Scope {
  collections: string[]
  states: Record<string, string[]>
  /** Minutes of a visit by collection. */
  minutes: Record<string, number>
  /** The ground that was painted or seen; nothing for everywhere. */
  area: Geometry | null
}
/** How the ground is said. */
export type Area = 'all' | 'view' | 'painted'

export function launchOf(id: string, form: Form, scope: Scope): Launch {
  const pasted = form.pasted.includes('?') ? parseState(form.pasted.slice(form.pasted.indexOf('?'))) : null
  const collections = pasted ? [...new Set([...scope.collections, pasted.collection])] : scope.collections
  const search = collections.map((key) => {
    if (pasted?.collection === key) return [key, new URLSearchParams(pasted.filters).toString()]
    const codes = scope.states[key] ?? []
    return [key, codes.length > 0 ? `${STATUS}=${codes.join(',')}` : '']
  })
  const [lon, lat] = form.start.split(/[\s,,]+/).map(Number)
  const hasStart = form.start.trim() !== '' && lon !== undefined && lat !== undefined
  return {
    id,
    name: form.name,
    deadline: form.deadline,
    collections,
    search: Object.fromEntries(search) as Record<string, string>,
    area: scope.area ?? (pasted?.bbox ? polygonOf(pasted.bbox) : null),
    start: hasStart ? { lon, lat } : null,
    minutes: Object.fromEntries(minutesOf(collections, scope)),
    teams: teamsOf(form.teams),
    stale_days: form.stale ? Number(form.stale) : null,
  }
}

function minutesOf(collections: readonly string[], scope: Scope): [string, number][] {
  return collections.flatMap((key) => (scope.minutes[key] ? [[key, scope.minutes[key]] as [string, number]] : []))
}

export function polygonOf([west, south, east, north]: Box): Geometry {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
  return { type: 'Polygon', coordinates: [ring] }
}

/** One team a line: "name: account, account". */
export function teamsOf(text: string): Team[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line, place) => {
    const [name, members] = line.split(/[::]/)
    return {
      key: `t${place + 1}`,
      name: (name ?? '').trim(),
      members: (members ?? '').split(/[\s,,、]+/).filter(Boolean),
    }
  })
}
