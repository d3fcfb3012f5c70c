/** From what stands in the form to a launch as the server takes it. Pure. */
import type { Geometry } from 'geojson'
import type { Launch, Team } from '../../api/survey'
import type { Box } from '../../api/types'
import { STATUS } from '../../catalogue/core'
import { emptyState, formatState, parseState, type PageState } from '../url'

interface Form {
  name: string
  deadline: string
  pasted: string
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
  /** Filters by collection, besides those of states or of what was pasted. */
  more: Record<string, Filters>
}
type Filters = Record<string, string>
/** How the ground is said. */
export type Area = 'all' | 'view' | 'painted'
/** A search that a campaign is made from. */
export type Searched = Pick<PageState, 'collection' | 'filters' | 'bbox'>

/** Days after which a record is looked at again: three months, half a year, a year. Half a year where nobody says. */
export const STALE_DAYS = [90, 180, 365] as const
export const USUAL_STALE_DAYS = 180

/** What nobody saw on site since that day, or ever. `key` is the attribute that says when it was. */
export function unseenSince(key: string, day: string): Filters {
  return { [`${key}_max`]: day, [`${key}_unknown`]: 'include' }
}

/** The address of a search, as it is pasted. */
export function addressOf({ collection, filters, bbox }: Searched): string {
  return formatState({ ...emptyState(), collection, filters, bbox }) || '?'
}

/** The search of an address that was pasted; nothing where there is none. */
export function pastedOf(text: string): Searched | null {
  return text.includes('?') ? parseState(text.slice(text.indexOf('?'))) : null
}

export function launchOf(id: string, form: Form, scope: Scope): Launch {
  const pasted = pastedOf(form.pasted)
  const collections = pasted ? [...new Set([...scope.collections, pasted.collection])] : scope.collections
  const search = collections.map((key) => {
    const own = pasted?.collection === key ? pasted.filters : ofStates(scope.states[key] ?? [])
    return [key, searchOf({ ...own, ...scope.more[key] })] as const
  })
  return {
    id,
    name: form.name,
    deadline: form.deadline,
    collections,
    search: Object.fromEntries(search),
    area: scope.area ?? (pasted?.bbox ? polygonOf(pasted.bbox) : null),
    start: startOf(form.start) ?? null,
    minutes: Object.fromEntries(minutesOf(collections, scope)),
    teams: teamsOf(form.teams),
  }
}

const ofStates = (codes: readonly string[]): Filters => (codes.length > 0 ? { [STATUS]: codes.join(',') } : {})

/** Filters as they stand in an address; commas between codes stay readable. */
const searchOf = (filters: Filters) => new URLSearchParams(filters).toString().replaceAll('%2C', ',')

/** Longitude and latitude, degrees: `120.98, 31.86` or, with decimal commas, `120,98; 31,86`. `null` for none, `undefined` for what is none. */
export function startOf(text: string): { lon: number; lat: number } | null | undefined {
  if (text.trim() === '') return null
  const spaced = text.trim().split(/[;\uff1b]\s*|[,\uff0c、]?\s+/)
  const parts = spaced.length > 1 ? spaced.map((part) => part.replace(/[,\uff0c]/, '.')) : text.split(/[,\uff0c、]/)
  const [lon = NaN, lat = NaN] = parts.map((part) => (part.trim() === '' ? NaN : Number(part)))
  const isPlace = parts.length === 2 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
  return isPlace ? { lon, lat } : undefined
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
    const [name, members] = line.split(/[:\uff1a]/)
    return {
      key: `t${place + 1}`,
      name: (name ?? '').trim(),
      members: (members ?? '').split(/[\s,\uff0c、]+/).filter(Boolean),
    }
  })
}
