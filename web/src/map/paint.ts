/**
 * Painting an outline on the map or setting a place, by mouse, finger or keyboard. Corners and places are clicked, a rectangle and a freehand line are drawn; the map can be moved
 * meanwhile where a click cannot be mistaken for a move. What is not finished is drawn over the map and is no part of its style.
 */
import type { Map as Engine, MapMouseEvent, MapTouchEvent } from 'maplibre-gl'

export type Tool = 'polygon' | 'rectangle' | 'lasso' | 'place'
export type Place = [lon: number, lat: number]

/** A click as near as this to the first corner closes the outline; pixels. */
const CLOSE_PX = 12
/** Distance between two places of a freehand line, pixels; and most of them. */
const STEP_PX = 5
const MOST_CORNERS = 500
const SVG = 'http://www.w3.org/2000/svg'

export interface PaintEvents {
  finished: (ring: Place[]) => void
  placed: (place: Place) => void
  /** How many corners the outline has so far. */
  corners: (count: number) => void
}

export class Painter {
  private tool: Tool | null = null
  private corners: Place[] = []
  private drawing = false
  private readonly overlay = document.createElementNS(SVG, 'svg')
  private readonly path = document.createElementNS(SVG, 'path')
  private readonly cross = document.createElementNS(SVG, 'path')

  constructor(
    private readonly engine: Engine,
    private readonly events: PaintEvents,
  ) {
    Object.assign(this.overlay.style, {
      position: 'absolute',
      inset: '0',
      width: '100%',
      height: '100%',
      pointerEvents: 'none',
    })
    Object.assign(this.path.style, {
      fill: 'var(--map-pick)',
      fillOpacity: '0.12',
      stroke: 'var(--map-pick)',
      strokeWidth: '2.5',
    })
    Object.assign(this.cross.style, { fill: 'none', stroke: 'var(--map-pick)', strokeWidth: '1.5', display: 'none' })
    this.overlay.setAttribute('aria-hidden', 'true')
    this.overlay.dataset['paint'] = ''
    this.overlay.append(this.path, this.cross)
    engine.getContainer().append(this.overlay)
    engine.on('move', this.redraw)
    engine.on('resize', this.redraw)
    engine.on('click', this.click)
    engine.on('dblclick', this.doubleClick)
    engine.on('mousedown', this.begin)
    engine.on('touchstart', this.begin)
    engine.on('mousemove', this.go)
    engine.on('touchmove', this.go)
    engine.on('mouseup', this.end)
    engine.on('touchend', this.end)
    engine.on('touchcancel', this.cancel)
    engine.getCanvas().addEventListener('keydown', this.key)
  }

  /** Takes a tool up, or lays it down. */
  use(tool: Tool | null) {
    this.tool = tool
    this.cancel()
    const drags = tool === 'rectangle' || tool === 'lasso'
    this.engine.dragPan[drags ? 'disable' : 'enable']()
    this.engine.boxZoom[drags ? 'disable' : 'enable']()
    this.engine.doubleClickZoom[tool ? 'disable' : 'enable']()
    this.engine.getCanvas().style.cursor = tool ? 'crosshair' : ''
    this.cross.style.display = tool === 'polygon' || tool === 'place' ? '' : 'none'
    this.redraw()
  }

  /** Takes the last corner away. */
  back() {
    this.set(this.corners.slice(0, -1))
  }

  close() {
    if (this.corners.length < 3) return
    const ring = this.corners
    this.set([])
    this.events.finished(ring)
  }

  cancel = () => {
    this.drawing = false
    this.set([])
  }

  remove() {
    this.overlay.remove()
    this.engine.getCanvas().removeEventListener('keydown', this.key)
  }

  private set(corners: Place[]) {
    this.corners = corners
    this.events.corners(corners.length)
    this.redraw()
  }

  private click = (event: MapMouseEvent) => {
    if (this.tool === 'place') return this.events.placed(placeOf(event))
    if (this.tool !== 'polygon') return
    const first = this.corners[0]
    if (first && this.corners.length >= 3) {
      const { x, y } = this.engine.project(first)
      if (Math.hypot(x - event.point.x, y - event.point.y) <= CLOSE_PX) return this.close()
    }
    if (this.corners.length < MOST_CORNERS) this.set([...this.corners, placeOf(event)])
  }

  private doubleClick = () => {
    if (this.tool !== 'polygon') return
    // The second click has set the same corner again.
    this.set(this.corners.slice(0, -1))
    this.close()
  }

  private begin = (event: MapMouseEvent | MapTouchEvent) => {
    if (this.tool !== 'rectangle' && this.tool !== 'lasso') return
    if ('points' in event && event.points.length > 1) return this.cancel()
    if ('button' in event.originalEvent && event.originalEvent.button !== 0) return
    this.drawing = true
    this.set([placeOf(event)])
  }

  private go = (event: MapMouseEvent | MapTouchEvent) => {
    const from = this.corners[0]
    if (!this.drawing || !from) return
    const to = placeOf(event)
    if (this.tool === 'rectangle') {
      this.set([from, [to[0], from[1]], to, [from[0], to[1]]])
      return
    }
    const last = this.engine.project(this.corners.at(-1) ?? to)
    const far = Math.hypot(last.x - event.point.x, last.y - event.point.y)
    if (far >= STEP_PX && this.corners.length < MOST_CORNERS) this.set([...this.corners, to])
  }

  private end = () => {
    if (!this.drawing) return
    this.drawing = false
    const places = this.corners.map((corner) => this.engine.project(corner))
    const size = (side: 'x' | 'y') =>
      Math.max(...places.map((one) => one[side])) - Math.min(...places.map((one) => one[side]))
    // A click that was none.
    if (places.length < 3 || size('x') < STEP_PX || size('y') < STEP_PX) this.cancel()
    else this.close()
  }

  private key = (event: KeyboardEvent) => {
    if (!this.tool || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Escape') this.cancel()
    else if (this.tool === 'place' && (event.key === ' ' || event.key === 'Enter'))
      this.events.placed(this.engine.getCenter().toArray())
    else if (this.tool !== 'polygon') return
    else if (event.key === ' ') this.set([...this.corners, this.engine.getCenter().toArray()])
    else if (event.key === 'Enter') this.close()
    else if (event.key === 'Backspace') this.back()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private redraw = () => {
    const places = this.corners.map((corner) => this.engine.project(corner))
    const line = places.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
    const dots = this.tool === 'polygon' ? places.map(({ x, y }) => `M${x - 4} ${y - 4}h8v8h-8Z`).join('') : ''
    this.path.setAttribute('d', line && `${line}${places.length > 2 ? 'Z' : ''}${dots}`)
    const { clientWidth, clientHeight } = this.engine.getContainer()
    this.cross.setAttribute(
      'd',
      `M${clientWidth / 2 - 8} ${clientHeight / 2}h16M${clientWidth / 2} ${clientHeight / 2 - 8}v16`,
    )
  }
}

function placeOf(event: MapMouseEvent | MapTouchEvent): Place {
  return event.lngLat.toArray()
}
