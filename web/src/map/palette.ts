/** The map's colours, read from the design tokens so that light and dark have one source. */
const NAMES = [
  'land',
  'park',
  'green',
  'water',
  'water-line',
  'road',
  'road-edge',
  'rail',
  'text',
  'text-2',
  'halo',
  'context',
  'exclude',
  'restrict',
  'info',
  'pick',
  'fit',
  'open',
  'near',
  'mark-ink',
] as const
const STATUS = ['now', 'later', 'never', 'unknown'] as const

export type Palette = Record<(typeof NAMES)[number], string> & { status: Record<(typeof STATUS)[number], string> }

export function readPalette(element: Element = document.documentElement): Palette {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(name).trim()
  const pairs = NAMES.map((name) => [name, token(`--map-${name}`)])
  const status = Object.fromEntries(STATUS.map((name) => [name, token(`--status-${name}`)]))
  return { ...Object.fromEntries(pairs), status } as Palette
}
