/** Zones painted on the map by mouse, finger and keyboard, balanced, undone and saved. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, PHONE, useBrowser, WIDE } from './browser'
import { launchBare, Person, readCampaign, zone, type Campaign, type Target } from './campaign'
import { asStaff, atDesk, spots } from './desk'
import { faultless } from './looks'

useBrowser()

const DEMO = '01933a00-0000-7000-8000-000000002026'
let steward: Person
let campaign: Campaign

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  campaign = await launchBare(steward, 'Painted')
})

interface Side {
  inside: Target[]
  /** Corners of a rectangle around them and nobody else, pixels of the page. */
  corners: [{ x: number; y: number }, { x: number; y: number }]
}

/** The northern targets: those above the widest gap of the middle third. */
async function north(page: Page): Promise<Side> {
  const { targets } = campaign
  await drawn(page, targets.length)
  const at = await spots(page, targets)
  const sorted = [...targets].sort((a, b) => b.point[1] - a.point[1])
  const third = Math.floor(sorted.length / 3)
  const y = (place: number) => at(sorted[place]?.point ?? null).y
  const places = Array.from({ length: third }, (_, place) => third + place)
  const cut = places.reduce((best, place) => (y(place) - y(place - 1) > y(best) - y(best - 1) ? place : best), third)
  const inside = sorted.slice(0, cut)
  const xs = targets.map((one) => at(one.point).x)
  const line = (y(cut) + y(cut - 1)) / 2
  return {
    inside,
    corners: [
      { x: Math.min(...xs) - 12, y: line },
      { x: Math.max(...xs) + 12, y: y(0) - 12 },
    ],
  }
}

const take = (page: Page, tool: string) => page.locator('.frame fieldset label', { hasText: tool }).click()
const chosen = async (page: Page) => Number.parseInt(await page.locator('[data-assign] [role=status]').innerText(), 10)
const minutes = async (page: Page, team: string) =>
  Number(await page.locator(`[data-load="${team}"]`).getAttribute('data-minutes'))

async function assign(page: Page, team: string, name: string) {
  await page.locator('[data-assign]').getByLabel('Team').selectOption(team)
  await page.locator('[data-assign]').getByLabel('Name').fill(name)
  await page.locator('[data-assign]').getByRole('button', { name: 'Give to zone' }).click()
}
const codesOf = (targets: readonly { code: string }[]) => targets.map((one) => one.code).sort()
const zoned = async (key: string) => {
  const now = await readCampaign(steward, campaign.id)
  return codesOf(now.targets.filter((one) => one.zone === key))
}
const path = () => `/desk/campaigns/${campaign.id}?lang=en&tab=zones`

describe('a zone', () => {
  it('is painted as a rectangle, undone, painted again and saved', () =>
    atDesk(path(), async (page) => {
      const { inside, corners } = await north(page)
      const [from, to] = corners
      await take(page, 'Rectangle')
      const paint = async () => {
        await page.mouse.move(from.x, from.y)
        await page.mouse.down()
        await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2)
        await page.mouse.move(to.x, to.y)
        await page.mouse.up()
        await page.locator('[data-assign]').waitFor()
      }
      await paint()
      expect(await chosen(page)).toBe(inside.length)
      await assign(page, 'a', 'North')
      await page.locator('[data-draft]').waitFor()
      expect(await minutes(page, 'a')).toBeGreaterThan(15 * inside.length)
      expect(await page.locator('[data-left]').getAttribute('data-left')).toBe(
        String(campaign.targets.length - inside.length),
      )
      expect((await readCampaign(steward, campaign.id)).zones, 'nothing is saved yet').toEqual([])
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.locator('[data-draft]').waitFor({ state: 'detached' })
      expect(await minutes(page, 'a')).toBe(0)
      await paint()
      await assign(page, 'a', 'North')
      const estimated = await minutes(page, 'a')
      await page.getByRole('button', { name: 'Save zones' }).click()
      await page.locator('[data-draft]').waitFor({ state: 'detached' })
      const [saved] = (await readCampaign(steward, campaign.id)).zones
      expect(saved).toMatchObject({ name: 'North', team: 'a' })
      expect(await zoned(saved?.key ?? '')).toEqual(codesOf(inside))
      // The way is a good one on both sides, not the same one.
      expect(Math.abs(estimated / (saved?.minutes ?? 0) - 1)).toBeLessThan(0.1)
      expect(await minutes(page, 'a')).toBe(Math.round(saved?.minutes ?? 0))
    }))

  it('is painted corner by corner, by clicks alone', () =>
    atDesk(path(), async (page) => {
      const { inside, corners } = await north(page)
      const [low, high] = corners
      await take(page, 'Corners')
      const wrong = { x: (low.x + high.x) / 2, y: low.y + 60 }
      for (const { x, y } of [low, wrong]) await page.mouse.click(x, y)
      await page.getByRole('button', { name: 'Last corner away' }).click()
      for (const [x, y] of [
        [high.x, low.y],
        [high.x, high.y],
        [low.x, high.y],
      ] as const)
        await page.mouse.click(x, y)
      await page.getByRole('button', { name: 'Close shape' }).click()
      await page.locator('[data-assign]').waitFor()
      expect(await chosen(page)).toBe(inside.length)
    }))

  it('refuses an outline that crosses itself', () =>
    atDesk(path(), async (page) => {
      const [low, high] = (await north(page)).corners
      await take(page, 'Corners')
      for (const [x, y] of [
        [low.x, low.y],
        [high.x, high.y],
        [high.x, low.y],
        [low.x, high.y],
      ] as const)
        await page.mouse.click(x, y)
      await page.getByRole('button', { name: 'Close shape' }).click()
      await page.getByText('The outline crosses itself').waitFor()
      expect(await page.locator('[data-assign]').count()).toBe(0)
    }))

  it('is painted by keyboard: the map is moved under a cross', () =>
    atDesk(path(), async (page) => {
      await drawn(page, campaign.targets.length)
      await take(page, 'Corners')
      const canvas = page.locator('.maplibregl-canvas')
      await canvas.focus()
      // Every key changes what is drawn: a corner more or less, or all of them moved with the map.
      const outline = page.locator('[data-paint] path').first()
      const press = async (key: string, times: number) => {
        for (let at = 0; at < times; at += 1) {
          const before = await outline.getAttribute('d')
          await page.keyboard.press(key)
          await expect.poll(() => outline.getAttribute('d')).not.toBe(before)
        }
      }
      await press(' ', 1)
      await press('ArrowUp', 3)
      await press(' ', 1)
      await press('ArrowRight', 3)
      await press(' ', 1)
      await press('ArrowDown', 3)
      await press(' ', 1)
      await press('Backspace', 1)
      await press('Enter', 1)
      await page.locator('[data-assign]').waitFor()
      expect(await chosen(page)).toBeGreaterThan(0)
    }))

  it('is painted freehand with a finger', () =>
    atDesk(
      path(),
      async (page) => {
        const { inside, corners } = await north(page)
        const [low, high] = corners
        await take(page, 'Freehand')
        const session = await page.context().newCDPSession(page)
        const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x: number, y: number) =>
          session.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
        const around = [low, { x: high.x, y: low.y }, high, { x: low.x, y: high.y }, { x: low.x, y: low.y - 8 }]
        await touch('touchStart', low.x, low.y)
        for (const [at, to] of around.entries()) {
          const from = around[at - 1] ?? low
          for (let part = 1; part <= 8; part += 1)
            await touch('touchMove', from.x + ((to.x - from.x) * part) / 8, from.y + ((to.y - from.y) * part) / 8)
        }
        await touch('touchEnd', 0, 0)
        await page.locator('[data-assign]').waitFor()
        expect(await chosen(page)).toBe(inside.length)
      },
      { viewport: PHONE },
    ))

  it('is made without the map: targets ticked in the list, by keyboard alone', () =>
    atDesk(`/desk/campaigns/${campaign.id}?lang=en&tab=targets`, async (page) => {
      const some = campaign.targets.slice(-4).map((one) => one.code)
      await page.locator('[data-target]').first().waitFor()
      for (const code of some) {
        await page.locator(`[data-target="${code}"] input`).focus()
        await page.keyboard.press('Space')
      }
      expect(await chosen(page)).toBe(4)
      await page.locator('[data-assign]').getByLabel('Team').focus()
      await page.keyboard.type('Team B')
      await page.locator('[data-assign]').getByLabel('Name').focus()
      await page.keyboard.type('Ticked')
      await page.keyboard.press('Enter')
      await page.locator('[data-draft]').waitFor()
      await page.getByRole('button', { name: 'Save zones' }).focus()
      await page.keyboard.press('Enter')
      await page.locator('[data-draft]').waitFor({ state: 'detached' })
      const now = await readCampaign(steward, campaign.id)
      const made = now.zones.find((one) => one.name === 'Ticked')
      expect(made?.team).toBe('b')
      expect(await zoned(made?.key ?? '')).toEqual([...some].sort())
    }))
})

describe('a proposal', () => {
  it('shares the work, can be changed and is saved; what is signed off stays', () =>
    atDesk(`/desk/campaigns/${DEMO}?lang=en&tab=zones`, async (page) => {
      const before = await readCampaign(steward, DEMO)
      await page.locator('[data-propose] summary').click()
      await page.getByLabel('Days').fill('2027-01-04, 2027-01-05')
      await page.locator('[data-propose]').getByRole('button').click()
      await page.locator('[data-draft]').waitFor()
      const loads = page.locator('[data-zone-load]')
      expect(await loads.count()).toBe(5)
      const counts = await loads.evaluateAll((list) => list.map((one) => Number(one.getAttribute('data-targets'))))
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(before.targets.length)
      const [a, b] = [await minutes(page, 'a'), await minutes(page, 'b')]
      const done = before.zones.find((one) => one.signed)?.minutes ?? 0
      // Visits differ by a stop or two for each cut, ways by where the start lies.
      expect(Math.abs(a - done - b) / b).toBeLessThan(0.25)
      await page.locator('tr[data-zone]').last().getByRole('combobox').selectOption('a')
      expect(await minutes(page, 'a')).toBeGreaterThan(a)
      await page.getByRole('button', { name: 'Undo' }).click()
      expect(await minutes(page, 'a')).toBe(a)
      await page.getByRole('button', { name: 'Save zones' }).click()
      await page.locator('[data-draft]').waitFor({ state: 'detached' })
      const after = await readCampaign(steward, DEMO)
      expect(
        after.zones
          .map((one) => one.day)
          .sort()
          .at(-1),
      ).toBe('2027-01-05')
      expect(after.zones.find((one) => one.signed)?.numbers['targets']).toBe(3)
    }))
})

describe.each([
  ['wide', WIDE, 'light', 'zh'],
  ['wide', WIDE, 'dark', 'de'],
  ['phone', PHONE, 'light', 'en'],
  ['phone', PHONE, 'dark', 'de'],
] as const)('axe finds nothing, %s', (size, viewport, colorScheme, lang) => {
  it(`${colorScheme}, ${lang}: no zone, chosen, changed and not saved`, { timeout: 120_000 }, async () => {
    const own = await launchBare(steward, 'Axe')
    await atDesk(
      `/desk/campaigns/${own.id}?lang=${lang}&tab=zones`,
      async (page) => {
        await drawn(page)
        await faultless(page, `no zone ${size}`)
        const codes = own.targets.slice(0, 5).map((one) => one.code)
        await zone(steward, own.id, [{ key: 'a', name: 'West', codes, team: 'a', day: '2027-01-04' }])
        await page.reload()
        await drawn(page)
        await page.locator('.frame fieldset label').nth(1).click()
        await page.locator('.maplibregl-canvas').click({ position: { x: 120, y: 200 } })
        await faultless(page, `corners ${size}`)
        await page.locator('tr[data-zone=a] select').selectOption('b')
        await page.locator('[data-draft]').waitFor()
        await faultless(page, `draft ${size}`)
      },
      { viewport, colorScheme },
    )
  })

  it(`${colorScheme}, ${lang}: somebody who may only look`, () =>
    asStaff(
      `/desk/campaigns/${DEMO}?lang=${lang}&tab=zones`,
      async (page) => {
        await drawn(page)
        expect(await page.locator('.frame fieldset, tr select').count()).toBe(0)
        await faultless(page, `only looks ${size}`)
      },
      { viewport, colorScheme },
    ))
})
