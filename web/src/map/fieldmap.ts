/** The map of the field app: the shapes that are on the device, without any tile. Loaded on demand. */
import { Map as Engine, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { Feature, FeatureCollection } from 'geojson'
import type { Box } from '../api/types'
import { groundLayers, groundSources, type Ground } from './fieldground'
import { FONT } from './names'
import { readPalette, type Palette } from './palette'

setWorkerUrl(workerUrl)

export interface FieldShapes {
  ground: Ground
  carriers: Feature[]
  /** Points of the targets, with `code`, `label`, `kind` (next, open, done, back). */
  targets: Feature[]
  here: { lon: number; lat: number; accuracy: number } | null
}

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features })

export class FieldMap {
  private readonly engine: Engine
  private loaded = false
  /** What the map has got. */
  private drawn: FieldShapes

  constructor(
    container: HTMLElement,
    private shapes: FieldShapes,
    box: Box,
    onPicked: (code: string | null) => void,
  ) {
    this.drawn = shapes
    this.engine = new Engine({
      container,
      style: styleOf(readPalette(), shapes),
      bounds: box,
      fitBoundsOptions: { padding: 48, maxZoom: 17 },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      fadeDuration: 0,
    })
    this.engine.touchZoomRotate?.disableRotation()
    this.engine.once('load', () => {
      this.loaded = true
      this.show(this.shapes)
    })
    this.engine.on('idle', () => {
      container.dataset['drawn'] = String(this.engine.queryRenderedFeatures({ layers: ['targets'] }).length)
      const ground = this.engine.queryRenderedFeatures().filter(({ source }) => source.startsWith('overlay-'))
      container.dataset['ground'] = [...new Set(ground.map(({ source }) => source.slice('overlay-'.length)))]
        .sort()
        .join(' ')
    })
    this.engine.on('click', ({ point }) => {
      const around: [[number, number], [number, number]] = [
        [point.x - 22, point.y - 22],
        [point.x + 22, point.y + 22],
      ]
      const [feature] = this.engine.queryRenderedFeatures(around, { layers: ['targets'] })
      const code: unknown = feature?.properties['code']
      onPicked(typeof code === 'string' ? code : null)
    })
  }

  show(shapes: FieldShapes) {
    this.shapes = shapes
    if (!this.loaded) return
    const before = this.drawn
    this.drawn = shapes
    const set = (id: string, data: FeatureCollection) => void this.engine.getSource<GeoJSONSource>(id)?.setData(data)
    // What lies around is large and changes only with another package.
    if (shapes.ground !== before.ground) this.recolour()
    if (shapes.carriers !== before.carriers) set('carriers', collection(shapes.carriers))
    set('targets', collection(shapes.targets))
    set('here', hereOf(shapes))
  }

  /** Light, dark and sun have their own colours. */
  recolour() {
    if (this.loaded) this.engine.setStyle(styleOf(readPalette(), this.shapes), { diff: true })
  }

  describe(label: string) {
    this.engine.getCanvas().setAttribute('aria-label', label)
  }

  goTo(lon: number, lat: number) {
    this.engine.easeTo({ center: [lon, lat], zoom: Math.max(this.engine.getZoom(), 15) })
  }

  fit(box: Box) {
    this.engine.fitBounds(box, { padding: 48, maxZoom: 17 })
  }

  remove() {
    this.engine.remove()
  }
}

function hereOf({ here }: FieldShapes): FeatureCollection {
  if (!here) return collection([])
  const { lon, lat, accuracy } = here
  return collection([
    { type: 'Feature', properties: { accuracy }, geometry: { type: 'Point', coordinates: [lon, lat] } },
  ])
}

function styleOf(palette: Palette, shapes: FieldShapes): StyleSpecification {
  const colour = ['match', ['get', 'kind'], 'done', palette.status.never, 'back', palette.exclude, palette.fit]
  const ground = groundLayers(shapes.ground, palette)
  return {
    version: 8,
    sources: {
      ...groundSources(shapes.ground),
      carriers: { type: 'geojson', data: collection(shapes.carriers) },
      targets: { type: 'geojson', data: collection(shapes.targets) },
      here: { type: 'geojson', data: hereOf(shapes) },
    },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': palette.land } },
      ...ground.under,
      {
        id: 'carrier-fill',
        type: 'fill',
        source: 'carriers',
        // What lies below shows through.
        paint: { 'fill-color': palette.park, 'fill-opacity': 0.6 },
      },
      {
        id: 'carrier-line',
        type: 'line',
        source: 'carriers',
        paint: {
          'line-color': ['case', ['get', 'isTarget'], palette.fit, palette.context],
          'line-width': ['case', ['get', 'isTarget'], 2, 0.8],
        },
      },
      ...ground.over,
      {
        id: 'targets',
        type: 'circle',
        source: 'targets',
        paint: {
          'circle-radius': ['match', ['get', 'kind'], 'next', 13, 'done', 7, 11],
          'circle-color': colour as unknown as string,
          'circle-stroke-color': palette.halo,
          'circle-stroke-width': 2,
        },
      },
      {
        id: 'target-numbers',
        type: 'symbol',
        source: 'targets',
        filter: ['!=', ['get', 'kind'], 'done'],
        layout: { 'text-field': ['get', 'label'], 'text-font': FONT, 'text-size': 12, 'text-allow-overlap': true },
        paint: { 'text-color': palette['mark-ink'] },
      },
      {
        id: 'target-codes',
        type: 'symbol',
        source: 'targets',
        minzoom: 14,
        layout: { 'text-field': ['get', 'code'], 'text-font': FONT, 'text-size': 12, 'text-offset': [0, 1.6] },
        paint: { 'text-color': palette.text, 'text-halo-color': palette.halo, 'text-halo-width': 1.5 },
      },
      {
        id: 'here',
        type: 'circle',
        source: 'here',
        paint: {
          'circle-radius': 8,
          'circle-color': '#0b63ce',
          'circle-stroke-color': '#ffffff',
          'circle-stroke-width': 3,
        },
      },
    ],
  }
}
