/** How a target is marked, on the map and in lists alike: the shape says how far its review is, the sign inside what the visit found. */
import type { KeptVisit, TargetState } from '../api/survey'
import type { Palette } from './palette'

export type Outcome = KeptVisit['outcome']
type Tone = keyof Palette['status']

interface Look {
  /** Outline in a box of 16 by 16. */
  path: string
  /** Filled; else the outline alone. */
  solid: boolean
  tone: Tone
}

export const LOOKS: Record<TargetState, Look> = {
  open: { path: 'M8 2.2a5.8 5.8 0 1 1 0 11.6 5.8 5.8 0 0 1 0-11.6Z', solid: false, tone: 'never' },
  to_review: { path: 'M8 .6 15.4 8 8 15.4.6 8Z', solid: true, tone: 'later' },
  approved: { path: 'M8 1.2a6.8 6.8 0 1 1 0 13.6 6.8 6.8 0 0 1 0-13.6Z', solid: true, tone: 'now' },
  returned: { path: 'M8 2 14.8 14H1.2Z', solid: false, tone: 'unknown' },
  quarantined: { path: 'M3.5 3.5l9 9M12.5 3.5l-9 9', solid: false, tone: 'unknown' },
  excepted: { path: 'M2.5 2.5h11v11h-11Z', solid: false, tone: 'never' },
  replaced: { path: 'M2.5 13.5h11M8 2.5v7M5 6.5l3 3 3-3', solid: false, tone: 'never' },
  revisit: { path: 'M13.2 8A5.2 5.2 0 1 1 8 2.8h3M8.8.5 11.2 2.8 8.8 5.2', solid: false, tone: 'later' },
}
export const STATES = Object.keys(LOOKS) as TargetState[]

export const SIGNS: Record<Outcome, string> = {
  confirmed: 'M5.2 6.4h5.6M5.2 9.6h5.6',
  changed: 'M5.2 6.4h5.6M5.2 9.6h5.6M9.8 4.2 6.2 11.8',
  no_access: 'M4.8 8h6.4',
  not_found: 'M6.1 6.4a1.9 1.9 0 1 1 2.8 1.7c-.6.3-.9.7-.9 1.3M8 11.6h.01',
  dropped: 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
}
export const OUTCOMES = Object.keys(SIGNS) as Outcome[]

/** What the visit found is told of visits that stand: the others are as if nobody had been there. */
export function signOf(state: TargetState, outcome: Outcome | null | undefined): Outcome | null {
  return outcome && (state === 'to_review' || state === 'approved') ? outcome : null
}

const BOX = 16
const MARGIN = 3
const PIXELS = 2
/** CSS pixels of a mark, with its halo. */
const SIZE = 26
const PREFIX = 'target:'

export function imageName(state: TargetState, sign: Outcome | null): string {
  return `${PREFIX}${state}:${sign ?? ''}`
}

/** The image of such a name; nothing for other names. */
export function markImage(name: string, palette: Palette): ImageData | null {
  if (!name.startsWith(PREFIX)) return null
  const [, state, sign] = name.split(':')
  const look = LOOKS[state as TargetState] as Look | undefined
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE * PIXELS
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context || !look) return null
  const scale = (SIZE * PIXELS) / (BOX + 2 * MARGIN)
  context.setTransform(scale, 0, 0, scale, MARGIN * scale, MARGIN * scale)
  context.lineCap = context.lineJoin = 'round'
  const path = new Path2D(look.path)
  const colour = palette.status[look.tone]
  context.strokeStyle = palette.halo
  context.lineWidth = look.solid ? 3 : 4.6
  context.stroke(path)
  if (look.path.endsWith('Z')) {
    context.fillStyle = look.solid ? colour : palette.halo
    context.fill(path)
  }
  if (!look.solid) {
    context.strokeStyle = colour
    context.lineWidth = 2
    context.stroke(path)
  }
  const inside = SIGNS[sign as Outcome] as string | undefined
  if (inside) {
    context.strokeStyle = palette['mark-ink']
    context.lineWidth = 1.6
    context.stroke(new Path2D(inside))
  }
  return context.getImageData(0, 0, canvas.width, canvas.height)
}
