/** The coverage map and the board: what they show is what the server counts, and stays so. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, PHONE, useBrowser, WIDE } from './browser'
import { launchBare, Person, readCampaign, send, zone, type Campaign } from './campaign'
import { absolute, atDesk, loneliest, spots } from './desk'
import { faultless } from './looks'

useBrowser()

const DEMO = '01933a00-0000-7000-8000-000000002026'
const SECOND_LOOK_MS = 31_000
let steward: Person
let surveyor: Person

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  surveyor = await Person.logIn('test-surveyor')
})

async function legend(page: Page): Promise<Record<string, number>> {
  const items = page.locator('[data-legend] [data-state]')
  const pairs = await items.evaluateAll((list) =>
    list.map((one) => [one.getAttribute('data-state') ?? '', Number(one.querySelector('b')?.textContent)] as const),
  )
  return Object.fromEntries(pairs.filter(([, n]) => n > 0))
}

function recount(campaign: Campaign): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of campaign.targets) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

describe('the coverage map', () => {
  it('draws every target, and its legend counts them by state', () =>
    atDesk(`/desk/campaigns/${DEMO}?lang=en`, async (page) => {
      const campaign = await readCampaign(steward, DEMO)
      expect(await drawn(page, campaign.targets.length)).toBe(campaign.targets.length)
      expect(await legend(page)).toEqual(recount(campaign))
      expect(await page.locator('[data-legend]').textContent()).toContain('Team B')
    }))

  it('opens a target in the list, and the list points back', () =>
    atDesk(`/desk/campaigns/${DEMO}?lang=en`, async (page) => {
      const campaign = await readCampaign(steward, DEMO)
      const target = loneliest(campaign.targets)
      await drawn(page, campaign.targets.length)
      const at = (await spots(page, campaign.targets))(target.point)
      await page.mouse.click(at.x, at.y)
      const row = page.locator(`tr[data-target="${target.code}"][aria-current=true]`)
      await row.waitFor()
      expect(new URL(page.url()).searchParams.get('pick')).toBe(target.code)
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(target.code)
      await page.goBack()
      await page.locator('[data-board]').waitFor()
    }))

  it('leads from a state to its targets', () =>
    atDesk(`/desk/campaigns/${DEMO}?lang=en`, async (page) => {
      await page.locator('[data-legend] [data-state=returned] button').click()
      await page.locator('[data-target]').first().waitFor()
      const rows = await page.locator('[data-target]').count()
      expect(rows).toBe(recount(await readCampaign(steward, DEMO))['returned'])
    }))

  it('follows what surveyors send while somebody looks', async () => {
    const campaign = await launchBare(steward, 'Followed')
    const codes = campaign.targets.slice(0, 3).map((one) => one.code)
    await zone(steward, campaign.id, [{ key: 'a', name: 'West', codes, team: 'a', day: '2027-01-04' }])
    await atDesk(`/desk/campaigns/${campaign.id}?lang=en`, async (page) => {
      await page.clock.install()
      await page.reload()
      await drawn(page, campaign.targets.length)
      expect(await legend(page)).toEqual({ open: campaign.targets.length })
      await send(surveyor, campaign, codes)
      await page.clock.fastForward(SECOND_LOOK_MS)
      await page.locator('[data-legend] [data-state=to_review] button').waitFor()
      expect(await legend(page)).toEqual({ open: campaign.targets.length - 3, to_review: 3 })
      expect(await page.locator('[data-bar=visited]').textContent()).toContain(`3 of ${campaign.targets.length}`)
    })
  })
})

describe('the board', () => {
  it('says all that a lead asks, as a recount of the targets does', () =>
    atDesk(`/desk/campaigns/${DEMO}?lang=en`, async (page) => {
      const campaign = await readCampaign(steward, DEMO)
      const stands = campaign.targets.filter(
        ({ state, visit }) => visit && ['to_review', 'approved', 'revisit'].includes(state),
      )
      const seen = stands.filter(({ visit }) => ['confirmed', 'changed'].includes(visit?.outcome ?? ''))
      await page.locator('[data-board]').waitFor()
      const bar = (key: string) => page.locator(`[data-bar=${key}]`).textContent()
      const percent = (n: number) => `${Math.floor((100 * n) / campaign.targets.length)}\u202f%`
      expect(await bar('visited')).toContain(percent(seen.length))
      expect(await bar('accounted')).toContain(percent(stands.length))
      const { numbers } = campaign
      const board = (await page.locator('[data-board]').innerText()).replace(/\s+/g, ' ')
      expect(board).toContain(`Pace ${(numbers['pace_per_day'] ?? 0).toFixed(1).replace(/\.0$/, '')} a day`)
      expect(board).toMatch(/Forecast finish (\d+ \w+ 20\d\d|no visits)/)
      expect(board).toContain(`Open conflicts ${numbers['conflicts_open']}`)
      const missing = (numbers['photos_taken'] ?? 0) - (numbers['photos_verified'] ?? 0)
      expect(board).toContain(`Photos not yet verified ${missing} of ${numbers['photos_taken']}`)
      const silent = numbers['silent_devices'] as unknown as { account: string }[]
      expect(await page.locator('[data-silent] li').count()).toBe(silent.length)
      expect(silent.length).toBeGreaterThan(0)
      for (const key of ['a', 'b']) {
        const own = campaign.zones.filter((one) => one.team === key).map((one) => one.key)
        const count = (list: Campaign['targets']) => list.filter((one) => own.includes(one.zone ?? '')).length
        expect(await page.locator(`[data-team=${key}]`).textContent()).toContain(
          `${count(seen)} visited, ${count(stands)} accounted for, of ${count(campaign.targets)}`,
        )
      }
    }))
})

describe.each([
  ['wide', WIDE, 'light', 'en'],
  ['wide', WIDE, 'dark', 'zh'],
  ['phone', PHONE, 'light', 'de'],
  ['phone', PHONE, 'dark', 'en'],
] as const)('axe finds nothing, %s', (size, viewport, colorScheme, lang) => {
  it(`${colorScheme}, ${lang}: board, a picked target, targets ticked`, { timeout: 120_000 }, () =>
    atDesk(
      `/desk/campaigns/${DEMO}?lang=${lang}`,
      async (page) => {
        await drawn(page)
        await faultless(page, `board ${size}`)
        const { targets } = await readCampaign(steward, DEMO)
        const code = targets.at(-1)?.code ?? ''
        await page.goto(absolute(`/desk/campaigns/${DEMO}?lang=${lang}&tab=targets&pick=${code}`))
        await page.locator('tr[aria-current=true]').waitFor()
        const map = page.locator('button[aria-expanded]').filter({ hasText: /map|地图|Karte/ })
        if ((await map.getAttribute('aria-expanded')) === 'false') await map.click()
        await drawn(page)
        await page.locator(`tr[data-target="${code}"] input`).check()
        await page.locator('[data-assign]').waitFor()
        await faultless(page, `targets ${size}`)
      },
      { viewport, colorScheme },
    ),
  )
})
