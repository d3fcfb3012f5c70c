/** The map engine: the only file that runs MapLibre. Loaded on demand, after the list can be used. */
import {
  Map as Engine,
  setWorkerUrl,
  type MapGeoJSONFeature,
  type Point,
  type PointLike,
  type VectorTileSource,
} from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Box } from '../api/types'
import type { Place } from '../state/url'
import { hatch } from './hatch'
import { stateTargets } from './candidates'
import { HATCHES, HITS, MARKS } from './names'
import type { Drawing } from './drawing'
import { buildStyle, drawingOf, type Shown } from './style'

setWorkerUrl(workerUrl)

export interface Events {
  /** The view changed; `byVisitor` when a person moved it. */
  moved: (place: Place, box: Box, byVisitor: boolean) => void
  hovered: (code: string | null) => void
  picked: (code: string | null) => void
  /** Metres on the ground of one CSS pixel at the centre, whenever it changes. */
  scaled: (metresPerPixel: number) => void
  /** The map is at rest and has drawn this many features of the results. */
  drawn: (features: number) => void
}

/** Where the map is drawn and from which view it begins. */
export interface Stage {
  container: HTMLElement
  start: Place | Box
  /** Cannot be moved. */
  fixed: boolean
  /** Height at the bottom that something else covers, CSS pixels. */
  covered: () => number
  /** Keeps what is drawn, so that it can be printed. */
  printed?: boolean
}

const SHAPES = ['marks', 'hits-fill', 'counts']
const ROUND = 1e5
/** A mark is found as near as this: fingers are wider than it. CSS pixels. */
const REACH_PX = 6

export class CarrierMap {
  private readonly engine: Engine
  private shown: Shown
  private drawing: Drawing | null
  private readonly images = new Set<string>()
  private loaded = false
  private states: { hover: string | null; pick: string | null } = { hover: null, pick: null }

  constructor(
    private readonly stage: Stage,
    shown: Shown,
    events: Partial<Events>,
  ) {
    const { container, start, fixed, printed = false } = stage
    this.shown = shown
    this.drawing = drawingOf(shown)
    const view =
      'zoom' in start ? { center: [start.lon, start.lat] as [number, number], zoom: start.zoom } : { bounds: start }
    this.engine = new Engine({
      container,
      style: buildStyle(shown, this.drawing),
      ...view,
      fitBoundsOptions: { padding: this.padding(), maxZoom: 17 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxPitch: 0,
      canvasContextAttributes: { preserveDrawingBuffer: printed },
      interactive: !fixed,
      fadeDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    })
    this.engine.touchZoomRotate?.disableRotation()
    this.engine.keyboard?.disableRotation()
    const canvas = this.engine.getCanvas()
    if (fixed) canvas.tabIndex = -1
    this.listen(events)
  }

  private listen(events: Partial<Events>) {
    const { engine } = this
    engine.setMissingStyleImageResolver((id) => {
      const effect = HATCHES.find((one) => id === `hatch-${one}`)
      const image = effect ? hatch(this.shown.palette[effect], effect) : this.drawing?.image(id)
      if (!image) return
      this.images.add(id)
      engine.addImage(id, image, { pixelRatio: 2 })
    })
    engine.once('load', () => {
      this.loaded = true
      this.show(this.shown)
    })
    engine.on('moveend', (event) => {
      const { lng, lat } = engine.getCenter()
      const place = { zoom: Math.round(engine.getZoom() * 100) / 100, lat: round(lat), lon: round(lng) }
      events.moved?.(place, this.box(), 'originalEvent' in event && event.originalEvent !== undefined)
    })
    const scaled = () => events.scaled?.(this.metresPerPixel())
    engine.on('move', scaled)
    engine.on('load', scaled)
    engine.on('idle', () => events.drawn?.(this.rendered()))
    engine.on('mousemove', (event) => {
      const code = this.codeAt(event.point)
      engine.getCanvas().style.cursor = code ? 'pointer' : ''
      events.hovered?.(code)
    })
    engine.on('mouseout', () => events.hovered?.(null))
    engine.on('click', (event) => {
      const feature = this.featuresAt(event.point)[0]
      if (feature?.layer.id === 'counts') engine.easeTo({ center: event.lngLat, zoom: engine.getZoom() + 2 })
      else events.picked?.(codeOf(feature))
    })
    engine.on('sourcedata', () => this.applyStates())
  }

  private featuresAt(point: Point): MapGeoJSONFeature[] {
    const layers = this.shapeLayers()
    if (layers.length === 0) return []
    const { x, y } = point
    const around: [PointLike, PointLike] = [
      [x - REACH_PX, y - REACH_PX],
      [x + REACH_PX, y + REACH_PX],
    ]
    return this.engine.queryRenderedFeatures(this.drawing ? around : point, { layers })
  }

  private shapeLayers(): string[] {
    if (this.drawing) return this.drawing.pointed.filter((id) => this.engine.getLayer(id))
    const fills = stateTargets(this.shown).map((target) => `${target.source}-fill`)
    return [...SHAPES, ...fills].filter((id) => this.engine.getLayer(id))
  }

  private codeAt(point: Point): string | null {
    return codeOf(this.featuresAt(point)[0])
  }

  /** How many results the map shows now. */
  rendered(): number {
    const layers = this.shapeLayers()
    if (layers.length === 0) return 0
    const found = this.engine.queryRenderedFeatures({ layers })
    const codes = new Set(found.map((one) => codeOf(one)).filter((code) => code !== null))
    const counted = found.filter((one) => one.layer.id === 'counts')
    return codes.size + counted.reduce((sum, one) => sum + Number(one.properties['count'] ?? 1), 0)
  }

  /** Shows something else. Only what differs is changed; tiles of a new revision replace the old without a flash. */
  show(shown: Shown) {
    const recoloured = shown.palette !== this.shown.palette
    this.shown = shown
    this.drawing = drawingOf(shown)
    // A style that is still loading cannot be compared with the next; the last one asked for is shown when it has.
    if (!this.loaded) return
    const style = buildStyle(shown, this.drawing)
    if (recoloured) this.forgetImages()
    this.retile(style)
    this.engine.setStyle(style, { diff: true })
    this.applyStates()
  }

  private forgetImages() {
    for (const id of this.images) if (this.engine.hasImage(id)) this.engine.removeImage(id)
    this.images.clear()
  }

  private retile(style: ReturnType<typeof buildStyle>) {
    for (const [id, spec] of Object.entries(style.sources)) {
      const source = this.engine.getSource<VectorTileSource>(id)
      if (!source || spec.type !== 'vector' || !spec.tiles) continue
      // As it was asked for: a source that was added a moment ago has no tiles of its own yet.
      const asked = source.serialize().tiles?.[0]
      if (sameCollection(asked, spec.tiles[0]) && asked !== spec.tiles[0]) source.setTiles(spec.tiles)
    }
  }

  hover(code: string | null) {
    this.mark('hover', code)
  }

  pick(code: string | null) {
    this.mark('pick', code)
  }

  private mark(state: 'hover' | 'pick', code: string | null) {
    const before = this.states[state]
    if (before === code) return
    this.states[state] = code
    if (before) this.setState(before, { [state]: false })
    if (code) this.setState(code, { [state]: true })
  }

  private applyStates() {
    const { hover, pick } = this.states
    if (hover) this.setState(hover, { hover: true })
    if (pick) this.setState(pick, { pick: true })
  }

  private setState(code: string, state: Record<string, boolean>) {
    const targets =
      this.drawing?.stated ??
      (this.shown.candidates
        ? [...stateTargets(this.shown), { source: MARKS }]
        : [{ source: HITS, sourceLayer: this.shown.collection }])
    for (const target of targets)
      if (this.engine.getSource(target.source)) this.engine.setFeatureState({ ...target, id: code }, state)
  }

  fit(box: Box, animate = true) {
    this.engine.fitBounds(box, { padding: this.padding(), maxZoom: 17, animate })
  }

  jump(place: Place) {
    this.engine.jumpTo({ center: [place.lon, place.lat], zoom: place.zoom })
  }

  zoom(by: number) {
    // Asked for by a button: the same as a move by hand.
    this.engine.easeTo({ zoom: this.engine.getZoom() + by, duration: 200 }, { originalEvent: new Event('button') })
  }

  /** Whether a box lies in what is seen. */
  sees(box: Box): boolean {
    const [west, south, east, north] = this.box()
    return box[0] >= west && box[1] >= south && box[2] <= east && box[3] <= north
  }

  /** What can be seen: without what a sheet covers. */
  box(): Box {
    const { clientWidth, clientHeight } = this.engine.getContainer()
    const northWest = this.engine.unproject([0, 0])
    const southEast = this.engine.unproject([clientWidth, clientHeight - this.stage.covered()])
    return [round(northWest.lng), round(southEast.lat), round(southEast.lng), round(northWest.lat)]
  }

  private padding() {
    return { top: 40, left: 24, right: 24, bottom: 40 + this.stage.covered() }
  }

  /** Lets another part of `map/` work on the engine. */
  lend<T>(to: (engine: Engine) => T): T {
    return to(this.engine)
  }

  focus() {
    this.engine.getCanvas().focus()
  }

  resize() {
    this.engine.resize()
  }

  describe(label: string) {
    this.engine.getCanvas().setAttribute('aria-label', label)
  }

  remove() {
    this.engine.remove()
  }

  private metresPerPixel(): number {
    const { lat } = this.engine.getCenter()
    return (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** this.engine.getZoom())
  }
}

function codeOf(feature: MapGeoJSONFeature | undefined): string | null {
  const code: unknown = feature?.properties['code']
  return typeof code === 'string' ? code : null
}

function sameCollection(a: string | undefined, b: string | undefined): boolean {
  return a?.split('?')[0] === b?.split('?')[0]
}

function round(degrees: number): number {
  return Math.round(degrees * ROUND) / ROUND
}
