/** Field work at the desk: the demo's campaign, half done, seen and worked on as staff and stewards do. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { PHONE, useBrowser, visit, WIDE, type Look } from './browser'
import { held } from './desk'
import { faultless } from './looks'
import { Park } from './park'

useBrowser()

const CAMPAIGN = '/desk/campaigns/01933a00-0000-7000-8000-000000002026'
/** As those whom the demo brings, with the passwords that it tells. */
const as =
  (name: string, password: string) =>
  (path: string, run: (page: Page) => Promise<void>, options: Look = {}) =>
    visit(path, run, { ...options, as: { name, password } })
const asStaff = as('staff', 'demo-staff-2027')
const asSteward = as('steward', 'demo-steward')

describe('the desk for field work', () => {
  it('asks the public to log in', async () => {
    await visit('/desk/campaigns?lang=en', async (page) => {
      await page.getByText('This page is for staff').waitFor()
    })
  })

  it('keeps visited and accounted for apart, as the server counts them', async () => {
    await asStaff(`${CAMPAIGN}?lang=en`, async (page) => {
      await page.locator('[data-board]').waitFor()
      const bars = page.locator('[data-board] [data-bar]')
      expect(await bars.count()).toBe(2)
      const numbers = await page.evaluate(async (path) => {
        const response = await fetch(`/api/v1${path.replace('/desk', '')}`)
        return ((await response.json()) as { numbers: Record<string, number> }).numbers
      }, CAMPAIGN)
      expect(await bars.first().textContent()).toContain(`${numbers['visited']} of ${numbers['targets']}`)
      expect(await bars.last().textContent()).toContain(`${numbers['accounted_for']} of ${numbers['targets']}`)
    })
  })

  it('narrows targets by state, in the address', async () => {
    await asStaff(`${CAMPAIGN}?lang=en&tab=targets&state=returned`, async (page) => {
      await page.locator('[data-target]').first().waitFor()
      const rows = await page.locator('[data-target]').count()
      expect(await page.locator('[data-shown]').getAttribute('data-shown')).toBe(String(rows))
      expect(await page.locator('tbody .returned').count()).toBe(rows)
    })
  })

  it('decides on visits by keyboard', async () => {
    await asStaff(`${CAMPAIGN}?lang=en&tab=review`, async (page) => {
      const cards = page.locator('[data-visit]')
      await cards.first().waitFor()
      const before = await cards.count()
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      const id = await page.evaluate(() => (document.activeElement as HTMLElement).dataset['visit'])
      await page.keyboard.press('r')
      await page.getByLabel(/Say why/).fill('The photo shows another hall')
      await page.keyboard.press('Enter')
      await page.locator(`[data-visit="${id}"]`).waitFor({ state: 'detached' })
      expect(await cards.count()).toBe(before - 1)
    })
  })

  it('goes on to the next visit when one is approved by its key', async () => {
    await asStaff(`${CAMPAIGN}?lang=en&tab=review`, async (page) => {
      const cards = page.locator('[data-visit]')
      await cards.first().waitFor()
      const ids = await cards.evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['visit']))
      expect(ids.length).toBeGreaterThan(3)
      const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset['visit'])
      await page.keyboard.press('j')
      expect(await focused()).toBe(ids[1])
      // A key that follows at once decides on the next: nothing is lost in between.
      await page.keyboard.press('a')
      await page.locator(`[data-visit="${ids[1]}"]`).waitFor({ state: 'detached' })
      expect(await focused(), 'the next one, in the place of the one before').toBe(ids[2])
      await page.keyboard.press('a')
      await page.locator(`[data-visit="${ids[2]}"]`).waitFor({ state: 'detached' })
      expect(await focused()).toBe(ids[3])
      await page.keyboard.press('k')
      expect(await focused()).toBe(ids[0])
    })
  })

  it('decides on what is asked for while an earlier decision is on its way', async () => {
    await asStaff(`${CAMPAIGN}?lang=en&tab=review`, async (page) => {
      await page.locator('[data-visit]').nth(2).waitFor()
      const ids = await page
        .locator('[data-visit]')
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['visit']))
      const release = await held(page, '**/reviews')
      for (const key of ['a', 'a', 'j', 'a']) await page.keyboard.press(key)
      release()
      for (const id of ids.slice(0, 2)) await page.locator(`[data-visit="${id}"]`).waitFor({ state: 'detached' })
      expect(await page.locator('[data-visit]').count()).toBe(ids.length - 2)
      expect(await page.getByText('already').count(), 'a key that was pressed twice').toBe(0)
    })
  })

  it('says what is open before a zone can be signed', async () => {
    await asSteward(`${CAMPAIGN}?lang=en&tab=signoff`, async (page) => {
      const zone = page.locator('[data-sign="z1"]')
      await zone.getByRole('button', { name: 'Sign off zone' }).click()
      await zone.locator('[data-open] li').first().waitFor()
      expect(await zone.locator('[data-open]').textContent()).toContain('not visited')
    })
  })

  it('shows what waits side by side and decides on one', async () => {
    // One of its own: what other tests have left in the inbox may not be approved as it is.
    const park = await Park.open()
    const dates = (year: number) => ({ construction_started: `${year - 1}-01-01`, completed_on: `${year}-01-01` })
    const { edit } = await park.conflict(26, [dates(2018), dates(2019)])
    await asStaff('/desk/inbox?lang=en', async (page) => {
      const card = page.locator(`[data-item="${edit}"]`)
      await card.getByRole('checkbox').check()
      await page.locator('[data-decide]').getByRole('button', { name: 'Approve' }).click()
      await page.getByText('1 decided').waitFor()
      await card.waitFor({ state: 'detached' })
    })
  })
})

describe.each([
  ['wide', WIDE],
  ['phone', PHONE],
] as const)('axe finds nothing, %s', (size, viewport) => {
  it.each(['light', 'dark'] as const)(
    '%s',
    async (colorScheme) => {
      await asSteward(
        '/desk/campaigns?lang=de',
        async (page) => {
          await page.locator('[data-campaigns] li').first().waitFor()
          await faultless(page, `list ${size}`)
          for (const tab of ['board', 'zones', 'targets', 'review', 'signoff']) {
            await page.goto(new URL(`${CAMPAIGN}?lang=de&tab=${tab}`, page.url()).href)
            await page.locator('.survey .card, .survey table').first().waitFor()
            const folder = process.env['ZAITI_SHOTS']
            if (folder)
              await page.screenshot({
                path: `${folder}/${tab}-${size}-${colorScheme}.png`,
              })
            await faultless(page, `${tab} ${size}`)
          }
        },
        { viewport, colorScheme },
      )
      // Six pages, each looked through whole: on a busy machine more than the usual minute.
    },
    180_000,
  )
})
