/** Outlines that wait for a person: what was, what is and what was sent, over each other. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { PHONE, useBrowser, WIDE } from './browser'
import { atDesk, shoot } from './desk'
import { faultless } from './looks'
import { Park, sent, type Conflict, type Parcel } from './park'

useBrowser()

let park: Park

beforeAll(async () => {
  park = await Park.open()
})

interface Ring {
  type: 'Polygon'
  coordinates: [number, number][][]
}

/** A parcel's box, its eastern side so many degrees farther east. */
function boxed([west, south, east, north]: Parcel['bbox'], more: number): Ring {
  const far = east + more
  const ring = [
    [west, south],
    [far, south],
    [far, north],
    [west, north],
    [west, south],
  ]
  return { type: 'Polygon', coordinates: [ring.map(([x = 0, y = 0]): [number, number] => [round(x), round(y)])] }
}
const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7

/** Staff propose another outline on top of a version; `meanwhile` a steward redraws it, or does not. */
async function redrawn(at: number, meanwhile: number | null): Promise<Conflict & { areas: number[] }> {
  const target = await park.at(at)
  const { code } = target.properties
  const area = async () => Number((await park.parcel(code)).properties['area_planar'])
  const base = { collection: 'parcels', record: target.id, evidence: 'measured', observed_at: '2026-11-20T08:00:00Z' }
  const draw = { ...base, id: randomUUID(), geometry: boxed(target.bbox, 0) }
  expect(await sent(park.steward, draw)).toBe('applied')
  const [was, { version }] = [await area(), (await park.parcel(code)).properties]
  const center = { lon: (target.bbox[0] + target.bbox[2]) / 2, lat: (target.bbox[1] + target.bbox[3]) / 2 }
  const field = { device: randomUUID(), counter: 1, position: { ...center, accuracy_m: 4 } }
  const mine = { ...base, id: randomUUID(), base_version: version, geometry: boxed(target.bbox, 0.0004), field }
  expect(await sent(park.staff, mine)).toBe('proposed')
  if (meanwhile !== null)
    expect(await sent(park.steward, { ...base, id: randomUUID(), geometry: boxed(target.bbox, meanwhile) })).toBe(
      'applied',
    )
  return { edit: mine.id, code, areas: [was, await area()] }
}

describe('an outline that is proposed', () => {
  it('is drawn over what it was and what it is, to one scale, with areas and their difference', async () => {
    const [, , east] = (await park.at(10)).bbox
    const { edit, code, areas } = await redrawn(10, -0.0002)
    await atDesk('/desk/inbox?lang=en', async (page) => {
      const card = page.locator(`[data-item="${edit}"]`)
      const sketch = card.locator('[data-sketch]')
      await sketch.waitFor()
      await card.scrollIntoViewIfNeeded()
      await shoot(page, 'outline-three')
      const lines = await sketch.locator('svg path[data-outline]').evaluateAll((paths) =>
        paths.map((path) => {
          const { width, height } = path.getBoundingClientRect()
          const { strokeDasharray, strokeWidth } = getComputedStyle(path)
          return {
            side: (path as SVGElement).dataset['outline'],
            width,
            height,
            look: `${strokeDasharray} ${strokeWidth}`,
          }
        }),
      )
      expect(lines.map((one) => one.side)).toEqual(['base', 'theirs', 'mine'])
      expect(new Set(lines.map((one) => one.look)).size, 'told apart by the line').toBe(3)
      const [was, theirs, mine] = lines.map((one) => one.width)
      // To one scale: same height on the ground is the same height here, and the widths are as they were sent.
      expect(Math.max(...lines.map((one) => one.height)) - Math.min(...lines.map((one) => one.height))).toBeLessThan(
        1.5,
      )
      expect(theirs).toBeLessThan(was ?? 0)
      expect(was).toBeLessThan(mine ?? 0)
      // The moved side went 0.0006 degrees of longitude: 57 m; the bar tells how many pixels that is.
      const bar = sketch.locator('[data-bar]')
      const metres = Number(await bar.getAttribute('data-bar'))
      const pixels = (await bar.boundingBox())?.width ?? 0
      expect((((mine ?? 0) - (theirs ?? 0)) * metres) / pixels).toBeGreaterThan(53)
      expect((((mine ?? 0) - (theirs ?? 0)) * metres) / pixels).toBeLessThan(61)
      expect(await sketch.locator('[data-apart]').textContent()).toMatch(/5[67] m/)
      await sketch.getByRole('img').getByText('N', { exact: true }).waitFor()
      const field = card.locator('[data-field=geometry]')
      const shown = async (side: string) => Number(await field.locator(`[data-side=${side}]`).getAttribute('data-area'))
      expect(await shown('base')).toBeCloseTo(areas[0] ?? 0, 1)
      expect(await shown('theirs')).toBeCloseTo(areas[1] ?? 0, 1)
      for (const side of ['base', 'mine', 'theirs'])
        expect(await field.locator(`[data-side=${side}]`).textContent()).toMatch(/[\d,.]+\s(m²|㎡).*[\d,.]+\smu/)
      const apart = ((await shown('mine')) - (await shown('theirs'))) / (await shown('theirs'))
      const told = (await field.locator('.side', { has: page.locator('[data-side=mine]') }).textContent()) ?? ''
      expect(told).toContain(`+${(100 * apart).toFixed(1).replace(/\.0$/, '')}`)
      expect(told).toContain('against the inventory')
      // In words alone.
      const words = (await sketch.getByRole('img').getAttribute('aria-label')) ?? ''
      for (const part of ['At the start', 'In the inventory', 'Sent', 'mu', 'Borders up to'])
        expect(words).toContain(part)
      await field.getByLabel('In the inventory').check()
      await field.getByLabel('Sent', { exact: true }).check()
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await card.waitFor({ state: 'detached' })
    })
    const { bbox } = await park.parcel(code)
    expect(bbox[2]).toBeCloseTo(round(east + 0.0004), 6)
  })

  it('is drawn over one line where nobody has redrawn it since', async () => {
    const { edit } = await redrawn(11, null)
    await atDesk('/desk/inbox?lang=en', async (page) => {
      const sketch = page.locator(`[data-item="${edit}"] [data-sketch]`)
      await sketch.waitFor()
      const lines = sketch.locator('svg path[data-outline]')
      expect(await lines.evaluateAll((all) => all.map((one) => (one as SVGElement).dataset['outline']))).toEqual([
        'theirs',
        'mine',
      ])
      expect(await sketch.textContent()).toContain('At the start: as it stands in the inventory')
    })
    await park.steward.ok('POST', '/api/v1/inbox/decisions', {
      decisions: [{ edit, verdict: 'rejected', reason: 'looked at' }],
    })
  })

  it.each([
    ['wide', WIDE, 'light', 'zh'],
    ['wide', WIDE, 'dark', 'de'],
    ['phone', PHONE, 'light', 'de'],
    ['phone', PHONE, 'dark', 'zh'],
  ] as const)('reads well, %s, %s', async (size, viewport, colorScheme, lang) => {
    const { edit } = await redrawn(size === 'wide' ? 12 : 13, -0.0001)
    await atDesk(
      `/desk/inbox?lang=${lang}`,
      async (page) => {
        const card = page.locator(`[data-item="${edit}"]`)
        await card.waitFor()
        await card.evaluate((one) => one.scrollIntoView())
        await shoot(page, `outline-${size}-${colorScheme}-${lang}`)
        await faultless(page, `outline ${size} ${lang}`)
        const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
        expect(await page.evaluate(isWide), 'the page is not wider than the screen').toBe(false)
      },
      { viewport, colorScheme },
    )
    await park.steward.ok('POST', '/api/v1/inbox/decisions', {
      decisions: [{ edit, verdict: 'rejected', reason: 'looked at' }],
    })
  })
})
