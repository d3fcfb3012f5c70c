/** Work at the desk as the tests do it: logged in, and pointing at places on its map. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { boxOf } from '../../web/src/state/survey/drawn'
import { visit } from './browser'
import { home } from './home'
import { PASSWORD, type ROLES } from './server'

type Point = readonly number[]

/** Keeps requests of the page back until it is called. */
export async function held(page: Page, path: string): Promise<() => void> {
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  await page.route(path, async (route) => {
    await gate
    await route.continue()
  })
  return () => release()
}

const as =
  (role: (typeof ROLES)[number]) =>
  (path: string, run: (page: Page) => Promise<void>, options: BrowserContextOptions = {}) =>
    visit(path, run, { ...options, as: { name: `test-${role}`, password: PASSWORD } })

/** Opens a page of the desk as a steward. */
export const atDesk = as('steward')
export const asStaff = as('staff')

/** Where things lie on the map of these targets, as long as nobody has moved it: pixels of the page. */
export async function spots(page: Page, targets: readonly { point: Point | null }[]) {
  await page.waitForSelector('[data-map=ready]')
  const canvas = page.locator('.maplibregl-canvas')
  await canvas.scrollIntoViewIfNeeded()
  const frame = await canvas.boundingBox()
  const box = boxOf(targets)
  if (!frame || !box) throw new Error('there is no map')
  const [w, s, e, n] = box
  const [left, bottom] = mercator([w, s])
  const [right, top] = mercator([e, n])
  // As the map frames a box: 24 pixels at its sides, 40 above and below.
  const scale = Math.min((frame.width - 48) / (right - left), (frame.height - 80) / (bottom - top))
  return (point: Point | null) => {
    const [x, y] = mercator(point ?? [0, 0])
    return {
      x: frame.x + frame.width / 2 + (x - (left + right) / 2) * scale,
      y: frame.y + frame.height / 2 + (y - (top + bottom) / 2) * scale,
    }
  }
}

function mercator([lon = 0, lat = 0]: Point): [number, number] {
  const rad = (lat * Math.PI) / 180
  return [lon / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + rad / 2)) / (2 * Math.PI)]
}

/** The target farthest from all others: nothing else can be hit in its place. */
export function loneliest<T extends { point: Point | null }>(targets: readonly T[]): T {
  const far = (a: T, b: T) =>
    Math.hypot((a.point?.[0] ?? 0) - (b.point?.[0] ?? 0), (a.point?.[1] ?? 0) - (b.point?.[1] ?? 0))
  const lonely = (one: T) => Math.min(...targets.filter((other) => other !== one).map((other) => far(one, other)))
  const [first] = [...targets].sort((a, b) => lonely(b) - lonely(a))
  if (!first) throw new Error('there are no targets')
  return first
}

export const absolute = (path: string) => home() + path

/** A picture for people to judge, where `ZAITI_SHOTS` names a folder for them. */
export async function shoot(page: Page, name: string) {
  const folder = process.env['ZAITI_SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}
