/** Where the device is, as long as somebody looks. */
import type { Position } from '../api/field'
import type { LonLat } from './geo'

/** A position older than this is not where somebody stands now, milliseconds. */
const STALE_MS = 120_000

/** How often its age is looked at, milliseconds. */
const TICK_MS = 10_000

class Whereabouts {
  position = $state.raw<Position | null>(null)
  at = $state(0)
  private clock = $state(Date.now())
  /** Minutes since the device knew where it is, once that is too long ago to be kept with what is observed; else 0. */
  readonly oldMin = $derived(
    this.position && this.clock - this.at >= STALE_MS ? Math.floor((this.clock - this.at) / 60_000) : 0,
  )
  problem = $state<'denied' | 'none' | null>(null)
  readonly place: LonLat | null = $derived(this.position ? [this.position.lon, this.position.lat] : null)

  /** Follows the device; returns how to stop. */
  follow(): () => void {
    if (!('geolocation' in navigator)) {
      this.problem = 'none'
      return () => undefined
    }
    const ticking = setInterval(() => (this.clock = Date.now()), TICK_MS)
    const id = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) => {
        this.position = {
          lon: coords.longitude,
          lat: coords.latitude,
          accuracy_m: Math.round(coords.accuracy * 10) / 10,
        }
        this.at = timestamp
        this.clock = Date.now()
        this.problem = null
      },
      (error) => (this.problem = error.code === error.PERMISSION_DENIED ? 'denied' : 'none'),
      { enableHighAccuracy: true, maximumAge: 5_000, timeout: 30_000 },
    )
    return () => {
      clearInterval(ticking)
      navigator.geolocation.clearWatch(id)
    }
  }

  /** Kept with what is observed now; none rather than an old one. */
  now(): Position | null {
    return this.position && Date.now() - this.at < STALE_MS ? this.position : null
  }
}

export const whereabouts = new Whereabouts()
