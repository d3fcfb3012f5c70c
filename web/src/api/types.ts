/** The server's JSON, as its OpenAPI document describes it; `schema.d.ts` is generated from that. Only what JSON Schema says loosely is said more tightly here. */
import type { Geometry } from 'geojson'
import type { components } from './schema'

type Schemas = components['schemas']

export type Lang = 'zh' | 'en' | 'de'
export type Box = [west: number, south: number, east: number, north: number]

export type Names = Schemas['Names']
export type Overlay = Schemas['Overlay']
export type Collection = Schemas['Collection']
export type Unit = Schemas['Unit']
export type Attribute = Schemas['Attribute']
export type Kind = Attribute['kind']
export type Effect = Overlay['effect']
export type Code = Schemas['Code']
export type CodeList = Schemas['CodeList']
export type Transition = Schemas['Transition']
export type Lifecycle = Schemas['Lifecycle']
export type State = Schemas['State']
export type Availability = Schemas['State']['availability']
export type Viewer = Schemas['Viewer']
export type CatalogueDoc = Schemas['Catalogue']
export type Interval = Schemas['Range']
export type Provenance = Schemas['Provenance']
export type Evidence = Schemas['Evidence']
export type HistoryEntry = Schemas['History']['entries'][number]
export type Edit = Schemas['Edit']
export type Receipt = Schemas['Receipt']
export type Settings = Schemas['Settings']
export type Problem = Pick<Schemas['Problem'], 'type' | 'title' | 'status'> & Partial<Schemas['Problem']>
export type FacetsAnswer = Schemas['Facets']
export type Facet = FacetsAnswer['facets'][number]

export type Value = string | number | boolean | Interval | null | undefined

export interface Properties {
  code: string
  version: number
  collection: string
  [attribute: string]: Value
}

export type Feature = Omit<Schemas['Feature'], 'bbox' | 'geometry' | 'properties'> & {
  bbox?: Box | null
  geometry: Geometry | null
  properties: Properties
}
export type SearchAnswer = Omit<Schemas['FeatureCollection'], 'features'> & { features: Feature[] }
export type Carrier = Feature & Omit<Schemas['Carrier'], keyof Schemas['Feature']>

/** What a project needs and wishes, as the server takes it. */
export type Requirement = Schemas['Requirement']
export type Need = Schemas['Need']
export type Wish = Schemas['Wish']
/** A hall drawn where it fits. */
export interface FittedHall {
  geometry: Geometry
  angle_deg?: number
}
export type Suited = Omit<Schemas['Suited'], 'bbox'> & { bbox: Box | null }
export type SavedRequirement = Schemas['SavedRequirement']
export type Points = Schemas['Points']
export type GateState = Schemas['GateState']
export type Relaxation = Schemas['Relaxation']
export type Fault = NonNullable<Schemas['Problem']['faults']>[number]
export type Suitability = Omit<Schemas['Suitability'], 'results' | 'unknowns' | 'near_misses'> & {
  results: Suited[]
  unknowns: Suited[]
  near_misses?: Suited[]
}
