/** Which target belongs to which zone, and how much work that is, as the server will count it. Pure. */
import type { Polygon } from 'geojson'
import type { Campaign, CampaignZone, Target, Zone } from '../../api/survey'
import { distance, type LonLat } from '../../field/geo'
import { order, pathLength } from '../../field/route'
import { around, isInside } from './ground'

/** Minutes of a visit where the campaign says nothing, and the speed between two, metres per minute: both as the server has them. */
const VISIT_MINUTES = 15
const METRES_PER_MINUTE = 250
/** Above so many stops the way is estimated from the ground they cover (Beardwood, Halton and Hammersley 1959). */
const MOST_STOPS = 150
const WAY_PER_ROOT = 0.7124

type Scope = Pick<Campaign, 'zones' | 'targets' | 'minutes' | 'start'>

/** Zones as they stand, each with the codes of its targets: what is shown is then what will be saved. */
export function draftOf(campaign: Pick<Campaign, 'zones' | 'targets'>): Zone[] {
  return campaign.zones.map(({ key, name, polygon, team, day }) => ({
    key,
    name,
    polygon: polygon ?? null,
    codes: campaign.targets.filter((one) => one.zone === key).map((one) => one.code),
    team: team ?? null,
    day: day ?? null,
  }))
}

/** Zone of each target: the one that names its code, else the first whose ground has its point. */
export function zonesOf(zones: readonly Zone[], targets: readonly Target[]): Map<string, string> {
  const named = new Map(zones.flatMap((zone) => (zone.codes ?? []).map((code) => [code, zone.key] as const)))
  const found = targets.flatMap((one) => {
    const key = named.get(one.code) ?? zones.find((zone) => isInside(zone.polygon, one.point))?.key
    return key === undefined ? [] : [[one.code, key] as const]
  })
  return new Map(found)
}

/** Codes that must stay where they are. */
export function lockedCodes(campaign: Pick<Campaign, 'zones' | 'targets'>): Set<string> {
  const signed = new Set(campaign.zones.filter((zone) => zone.signed).map((zone) => zone.key))
  return new Set(campaign.targets.filter((one) => one.zone !== null && signed.has(one.zone)).map((one) => one.code))
}

export interface Gift {
  /** The zone that gets them; without its codes. */
  to: Omit<Zone, 'codes'>
  codes: ReadonlySet<string>
  shape: Polygon | null
}

/** Gives targets to a zone, which may be new. Outlines that no longer say who belongs to a zone are drawn anew around its targets. */
export function give(zones: readonly Zone[], gift: Gift, targets: readonly Target[]): Zone[] {
  const points = new Map(targets.flatMap((one) => (one.point ? [[one.code, one.point] as const] : [])))
  const outline = (codes: readonly string[]) =>
    around(codes.map((code) => points.get(code)).filter((one) => one !== undefined))
  const exists = zones.some((zone) => zone.key === gift.to.key)
  const all: readonly Zone[] = exists ? zones : [...zones, { ...gift.to, polygon: gift.shape, codes: [] }]
  return all.flatMap((zone): Zone[] => {
    const before = zone.codes ?? []
    if (zone.key === gift.to.key) {
      const codes = [...new Set([...before, ...gift.codes])]
      const holds = codes.every((code) => isInside(zone.polygon, points.get(code) ?? null))
      return [{ ...zone, codes, polygon: holds ? (zone.polygon ?? null) : outline(codes) }]
    }
    const codes = before.filter((code) => !gift.codes.has(code))
    if (codes.length === before.length) return [zone]
    if (codes.length === 0) return []
    const clear = ![...gift.codes].some((code) => isInside(zone.polygon, points.get(code) ?? null))
    return [{ ...zone, codes, polygon: zone.polygon && !clear ? outline(codes) : (zone.polygon ?? null) }]
  })
}

export interface Load {
  zone: Zone
  letter: string
  targets: number
  minutes: number
  signed: CampaignZone['signed']
}

/** The work of each zone: visits, and the way from the start through them. */
export function loadsOf(zones: readonly Zone[], campaign: Scope): Load[] {
  const belongs = zonesOf(zones, campaign.targets)
  return zones.map((zone, at) => {
    const own = campaign.targets.filter((one) => belongs.get(one.code) === zone.key)
    const saved = campaign.zones.find((one) => one.key === zone.key)
    const same = saved !== undefined && sameTargets(own, campaign.targets, zone.key)
    return {
      zone,
      letter: letterOf(at),
      targets: own.length,
      minutes: same ? saved.minutes : minutesOf(own, campaign),
      signed: saved?.signed ?? null,
    }
  })
}

function sameTargets(own: readonly Target[], targets: readonly Target[], key: string): boolean {
  return own.every((one) => one.zone === key) && own.length === targets.filter((one) => one.zone === key).length
}

/** A, B, ... Z, AA: short enough for a mark on the map. */
export function letterOf(at: number): string {
  const letter = String.fromCharCode(65 + (at % 26))
  return at < 26 ? letter : letterOf(Math.floor(at / 26) - 1) + letter
}

export function visitMinutes(targets: readonly Target[], campaign: Pick<Campaign, 'minutes'>): number {
  return targets.reduce((sum, one) => sum + (campaign.minutes[one.collection] ?? VISIT_MINUTES), 0)
}

export function minutesOf(targets: readonly Target[], campaign: Pick<Campaign, 'minutes' | 'start'>): number {
  const places = new Map(targets.flatMap((one) => (one.point ? [[one.point.join(), one.point] as const] : [])))
  const stops = [...places.values()].map(([lon = 0, lat = 0]): LonLat => [lon, lat])
  return visitMinutes(targets, campaign) + way(stops, campaign.start ?? null) / METRES_PER_MINUTE
}

function way(stops: readonly LonLat[], start: { lon: number; lat: number } | null): number {
  const west = stops.reduce<LonLat | null>((least, one) => (least && least[0] <= one[0] ? least : one), null)
  const from: LonLat | null = start ? [start.lon, start.lat] : west
  if (!from) return 0
  if (stops.length <= MOST_STOPS) return pathLength(from, stops, order(from, stops))
  const lons = stops.map(([lon]) => lon)
  const lats = stops.map(([, lat]) => lat)
  const [w, s, e, n] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
  const ground = distance([w, s], [e, s]) * distance([w, s], [w, n])
  return WAY_PER_ROOT * Math.sqrt(stops.length * ground)
}

/** A key that no zone has. */
export function freeKey(zones: readonly Zone[]): string {
  const taken = new Set(zones.map((zone) => zone.key))
  for (let at = zones.length + 1; ; at += 1) if (!taken.has(`z${at}`)) return `z${at}`
}
