import { describe, expect, it } from 'vitest'
import { around, framed, PIXEL_M } from './scale'

describe('a map to scale', () => {
  it('shows the box at a round scale, and no smaller than needed', () => {
    const view = framed([121, 31.8, 121.03, 31.82], 680, 400)
    expect(view.scale).toBe(25_000)
    // 0.03° at 31.81° north is 2,838 m; at 1 : 25,000 that is 11.4 cm of the 18 cm wide frame. 1 : 20,000 would be too high for it: 2,226 m / 10.6 cm.
    expect(2226 / (400 * PIXEL_M)).toBeGreaterThan(20_000)
    const metresPerPixel = (40_075_016.686 * Math.cos((view.lat * Math.PI) / 180)) / (512 * 2 ** view.zoom)
    expect(metresPerPixel / PIXEL_M).toBeCloseTo(25_000, 4)
  })

  it('goes around all boxes', () => {
    expect(
      around(
        [
          [0, 0, 1, 1],
          [3, 1, 4, 2],
        ],
        0,
      ),
    ).toEqual([0, 0, 4, 2])
    expect(around([[0, 0, 2, 2]], 0.5)).toEqual([-1, -1, 3, 3])
    expect(around([], 0)).toBeNull()
  })
})
