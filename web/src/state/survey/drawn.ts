/** Targets and zones as the map takes them. Pure. */
import type { Campaign, Target, Zone } from '../../api/survey'
import type { Box } from '../../api/types'
import type { DrawnTarget, DrawnZone } from '../../map/coverage'
import type { RouteStart } from '../../map/routestart'
import { around } from './ground'

export function drawnTargets(targets: readonly Target[]): DrawnTarget[] {
  return targets.map(({ code, collection, point, state, visit }) => ({
    code,
    collection,
    point,
    state,
    outcome: visit?.outcome ?? null,
  }))
}

/** Where routes start, under this name. */
export function drawnStart(place: Campaign['start'], label: string): RouteStart | null {
  return place && { ...place, label }
}

/** A zone that was not painted is outlined around its targets. */
export function drawnZones<Z extends Zone>(
  campaign: Pick<Campaign, 'teams' | 'targets'>,
  zones: readonly Z[],
  label: (zone: Z, at: number) => string,
): DrawnZone[] {
  return zones.map((zone, at) => {
    const points = campaign.targets.flatMap((one) => (one.zone === zone.key && one.point ? [one.point] : []))
    return {
      label: label(zone, at),
      outline: zone.polygon ?? around(points),
      team: campaign.teams.findIndex((team) => team.key === zone.team),
    }
  })
}

/** The box around the places, with some ground around it; nothing for no place. */
export function boxOf(places: readonly { point: readonly number[] | null }[]): Box | null {
  const ring = around(places.flatMap(({ point }) => (point ? [point] : [])))?.coordinates[0] ?? []
  if (ring.length === 0) return null
  const [lons, lats] = [ring.map(([lon = 0]) => lon), ring.map(([, lat = 0]) => lat)]
  const of = (least: number, most: number) => Math.max((most - least) * 0.04, 0.001)
  const [w, s, e, n] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
  const [dx, dy] = [of(w, e), of(s, n)]
  return [w - dx, s - dy, e + dx, n + dy]
}
