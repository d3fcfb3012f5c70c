/** Names of sources and fonts that the style's parts share. */
export const FONT = ['system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans", "Noto Sans CJK SC", sans-serif']
/** Carriers that fit the filters. */
export const HITS = 'hits'
/** All carriers of the collection, drawn faintly behind. */
export const CONTEXT = 'context'
/** Parcels under buildings and units, so that these do not float. */
export const LOTS = 'lots'
/** Candidates of a requirement as points, and halls drawn where they fit. */
export const MARKS = 'marks'
export const HALLS = 'halls'
/** Parcels that answer together, outlined as one. */
export const TOGETHER = 'together'
export const HATCHES = ['exclude', 'restrict'] as const

export function sourceOf(overlay: string): string {
  return `overlay-${overlay}`
}

/** Tiles of one collection of candidates. */
export function candidatesOf(collection: string): string {
  return `candidates-${collection}`
}
