/** Look-ups in the catalogue document. Immutable; made anew when the viewer changes. */
import type {
  Attribute,
  Availability,
  CatalogueDoc,
  Code,
  Collection,
  Lang,
  Names,
  Unit,
  Value,
  Lifecycle,
} from '../api/types'
import { AVAILABLE_BY, CARRIERS, NAME, STATUS } from './core'

export interface CodeNode {
  code: Code
  children: CodeNode[]
}

export class Catalogue {
  readonly carriers: Collection[]
  readonly overlays: Collection[]
  readonly baseMap: Collection[]
  private readonly byKey = new Map<string, Attribute>()
  private readonly codes = new Map<string, Map<string, Code>>()

  constructor(readonly doc: CatalogueDoc) {
    const order = (one: Collection) => (CARRIERS as readonly string[]).indexOf(one.key)
    this.carriers = doc.collections.filter((one) => !one.overlay).sort((a, b) => order(a) - order(b))
    this.overlays = doc.collections.filter((one) => one.overlay && !one.overlay.base_map)
    this.baseMap = doc.collections.filter((one) => one.overlay?.base_map)
    for (const one of doc.attributes) for (const place of one.collections) this.byKey.set(`${place} ${one.key}`, one)
    for (const [key, list] of Object.entries(doc.lists))
      this.codes.set(key, new Map(list.codes.map((code) => [code.code, code])))
  }

  collection(key: string): Collection | undefined {
    return this.doc.collections.find((one) => one.key === key)
  }

  attribute(collection: string, key: string): Attribute | undefined {
    return this.byKey.get(`${collection} ${key}`)
  }

  attributesOf(collection: string): Attribute[] {
    return this.doc.attributes.filter((one) => one.collections.includes(collection))
  }

  /** Attributes that this viewer may search by. A surveyor sees others only on records of the ground they are sent to. */
  searchable(collection: string): Attribute[] {
    return this.attributesOf(collection).filter((one) => one.searchable)
  }

  /** The attribute that says when somebody last stood before a carrier. */
  lastSeen(collection: string): Attribute | undefined {
    return this.attributesOf(collection).find((one) => one.last_seen)
  }

  code(list: string | null | undefined, code: string): Code | undefined {
    return list ? this.codes.get(list)?.get(code) : undefined
  }

  /** Codes as a forest, in the list's order. */
  tree(list: string): CodeNode[] {
    const nodes = new Map<string, CodeNode>()
    const roots: CodeNode[] = []
    for (const code of this.doc.lists[list]?.codes ?? []) {
      const node = { code, children: [] }
      nodes.set(code.code, node)
      const parent = code.parent ? nodes.get(code.parent) : undefined
      ;(parent?.children ?? roots).push(node)
    }
    return roots
  }

  unit(attribute: Attribute, key: string | null | undefined): Unit | undefined {
    return attribute.units?.find((one) => one.key === key) ?? attribute.units?.[0]
  }

  lifecycle(collection: string): Lifecycle | undefined {
    return this.doc.lifecycles[collection]
  }

  availability(collection: string, status: Value): Availability | 'unknown' {
    const state = this.lifecycle(collection)?.states.find((one) => one.code === status)
    return state?.availability ?? 'unknown'
  }

  stateNames(collection: string, status: Value): Names | undefined {
    return this.lifecycle(collection)?.states.find((one) => one.code === status)?.names
  }

  /** Attributes of the search panel: `shown` at once, the rest on demand. Text is searched by words instead. */
  filters(collection: string): { shown: Attribute[]; more: Attribute[] } {
    const all = this.searchable(collection).filter((one) => one.kind !== 'text')
    return { shown: all.filter((one) => one.facet), more: all.filter((one) => !one.facet) }
  }

  /** The few facts that describe a row besides name, status and size: what the park shows on its tiles or as facets. */
  facts(collection: string, except: readonly string[]): Attribute[] {
    const all = this.searchable(collection).filter((one) => (one.tile || one.facet) && one.kind !== 'text')
    return all.filter((one) => !except.includes(one.key) && one.key !== STATUS && one.key !== NAME)
  }

  /** Attributes in the order of their groups, for cards. */
  grouped(collection: string): { key: string; names: Names; attributes: Attribute[] }[] {
    const all = this.attributesOf(collection)
    const known = this.doc.groups.map((group) => ({
      ...group,
      attributes: all.filter((one) => one.group === group.key),
    }))
    return known.filter((group) => group.attributes.length > 0)
  }

  /** Whether the search of this collection takes this parameter. Old links may carry others. */
  takes(collection: string, parameter: string): boolean {
    if (['q', AVAILABLE_BY, 'within', 'near', 'radius_m'].includes(parameter)) return true
    const key = parameter.replace(/_(min|max|unit|unknown|scheme)$/, '')
    return [parameter, key].some((one) => this.attribute(collection, one)?.searchable)
  }
}

export function inLang(names: Names | null | undefined, lang: Lang): string {
  return names?.[lang] || names?.en || ''
}
