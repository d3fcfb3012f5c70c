/** What the server answers, in the words of its JSON. Kept beside `client.ts`, the only place that fetches. */
import type { Geometry } from 'geojson'

export type Lang = 'zh' | 'en' | 'de'
export type Names = Record<Lang, string>
export type Box = [west: number, south: number, east: number, north: number]

export type Kind = 'number' | 'range' | 'code' | 'flag' | 'text' | 'date'
export type Effect = 'exclude' | 'restrict' | 'warn' | 'info'
export type Availability = 'now' | 'from_date' | 'never'

export interface Overlay {
  effect: Effect
  buffer_m: number
  source: string
  base_map: boolean
}

export interface Collection {
  key: string
  names: Names
  overlay: Overlay | null
  count: number
}

export interface Unit {
  key: string
  names: Names
  factor: number
}

export interface Attribute {
  key: string
  collections: string[]
  kind: Kind
  quantity?: string | null
  unit?: string | null
  units?: Unit[] | null
  min?: number | null
  max?: number | null
  decimals?: number | null
  list?: string | null
  max_chars?: number | null
  names: Names
  help: Names
  group: string
  source: string
  visibility: string
  editable: boolean
  derived: boolean
  criterion: 'more' | 'less' | 'fits' | null
  facet: boolean
  tile: boolean
}

export interface Code {
  code: string
  parent: string | null
  names: Names
  colour: string | null
}

export interface CodeList {
  names: Names
  ordered: boolean
  codes: Code[]
}

export interface Transition {
  from?: string | null
  to: string
  names: Names
  needs: string[]
}

export interface Lifecycle {
  list: string
  states: { code: string; names: Names; availability: Availability; colour: string | null }[]
  transitions: Transition[]
}

export interface Viewer {
  role: string
  account: string | null
  display_name: string | null
}

export interface CatalogueDoc {
  revision: number
  collections: Collection[]
  groups: { key: string; names: Names }[]
  attributes: Attribute[]
  lists: Record<string, CodeList>
  lifecycles: Record<string, Lifecycle>
  viewer: Viewer
}

export interface Interval {
  min?: number | null
  max?: number | null
  min_inclusive?: boolean
  max_inclusive?: boolean
}

export type Value = string | number | boolean | Interval | null | undefined

export interface Properties {
  code: string
  version: number
  collection: string
  [attribute: string]: Value
}

export interface Feature {
  type: 'Feature'
  id: string
  bbox?: Box | null
  geometry: Geometry | null
  properties: Properties
}

export interface SearchAnswer {
  revision: number
  numberMatched: number
  numberReturned: number
  next: string | null
  features: Feature[]
}

export type Facet =
  | { attribute: string; kind: 'codes'; unknown: number; counts: { code: string; count: number; total: number }[] }
  | {
      attribute: string
      kind: 'histogram'
      unknown: number
      unit?: string | null
      min: number | null
      max: number | null
      bins: { from: number; to: number; count: number; total: number }[]
    }
  | { attribute: string; kind: 'flag'; unknown: number; yes: number; no: number }

export interface FacetsAnswer {
  revision: number
  numberMatched: number
  facets: Facet[]
}

export interface Provenance {
  observed_at?: string | null
  evidence?: string | null
  author?: string | null
}

export interface Carrier extends Feature {
  revision?: number
  provenance: Record<string, Provenance>
  closed: { reason: string; successors: string[] } | null
  children: string[]
  parent: string | null
  allowed_transitions?: Transition[] | null
}

export interface HistoryEntry {
  edit: string
  version: number
  revision: number
  changed_at: string
  observed_at: string | null
  evidence: string | null
  author: string | null
  action: string
  changes: Record<string, { old: Value; new: Value }>
}

export interface Edit {
  id: string
  collection: string
  record: string
  base_version: number
  set: Record<string, Value>
  observed_at: string
  evidence: string
}

export interface Receipt {
  edit: string
  record: string
  outcome: 'applied' | 'merged' | 'conflict' | 'proposed' | 'returned' | 'unchanged'
  version?: number | null
  fields?: string[] | null
  reason?: string | null
  detail?: string | null
  revision?: number | null
}

export interface Settings {
  base_map: { kind: 'raster'; tiles: string[]; attribution: string } | null
  title?: Names | null
  contact?: string | null
}

export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  parameter?: string
  given?: string
  expected?: string
}
