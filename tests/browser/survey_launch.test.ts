/** Before and after a campaign's time: where its routes start, what proposes itself for it, and what is said when it is late. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, listed, listsExactly, PHONE, useBrowser, WIDE } from './browser'
import { Person, readCampaign, send, type Campaign } from './campaign'
import { absolute, asStaff, atDesk, shoot, spots } from './desk'
import { faultless } from './looks'
import { Phone } from './phone'

useBrowser()

const NEW = '/desk/campaigns?lang=en&new=1'
const COLLECTIONS = ['parcels', 'buildings', 'units'] as const
let steward: Person
let surveyor: Person

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  surveyor = await Person.logIn('test-surveyor')
})

const canvas = (page: Page) => page.locator('.maplibregl-canvas')
const startField = (page: Page) => page.locator('input[data-start]')
async function startTyped(page: Page): Promise<[number, number]> {
  const [lon = NaN, lat = NaN] = (await startField(page).inputValue()).split(',').map(Number)
  return [lon, lat]
}
const preview = async (page: Page) => {
  await page.getByRole('button', { name: 'Preview' }).click()
  const told = page.locator('[data-preview]')
  await told.waitFor()
  return Number(await told.getAttribute('data-preview'))
}
/** The id in the address, once a launched campaign is shown. */
async function launched(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Launch' }).click()
  await page.locator('[data-board]').waitFor()
  return page.url().split('/').at(-1)?.split('?')[0] ?? ''
}
async function fill(page: Page, name: string) {
  await page.waitForSelector('[data-map=ready]')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Deadline').fill('2027-04-30')
}
/** What is seen in a square of the page around a place. */
async function picture(page: Page, { x, y }: { x: number; y: number }): Promise<string> {
  const clip = { x: x - 20, y: y - 20, width: 40, height: 40 }
  return (await page.screenshot({ clip })).toString('base64')
}

describe('where the routes start', () => {
  it('is set by a click on the map, drawn with its name, and launched', () =>
    atDesk(NEW, async (page) => {
      await fill(page, 'From the gate')
      await canvas(page).scrollIntoViewIfNeeded()
      const frame = await canvas(page).boundingBox()
      if (!frame) throw new Error('no map')
      const at = { x: Math.round(frame.x + frame.width * 0.4), y: Math.round(frame.y + frame.height * 0.6) }
      await drawn(page, 0)
      const before = await picture(page, at)
      await page.getByRole('button', { name: 'Set on the map' }).click()
      await page.mouse.click(at.x, at.y)
      const [lon, lat] = await startTyped(page)
      expect(lon).toBeGreaterThan(120)
      expect(lat).toBeGreaterThan(31)
      await page.mouse.move(5, 5)
      await expect.poll(() => picture(page, at)).not.toBe(before)
      // Another click moves the map and not the start.
      await page.mouse.click(at.x + 60, at.y)
      expect(await startTyped(page)).toEqual([lon, lat])
      await preview(page)
      await shoot(page, 'launch-start')
      const id = await launched(page)
      expect((await readCampaign(steward, id)) as unknown).toMatchObject({ start: { lon, lat } })
      expect(await page.locator('[data-route-start]').textContent()).toContain(`${lon.toFixed(5)}, ${lat.toFixed(5)}`)
    }))

  it('is set by keyboard: the map is moved under the cross', () =>
    atDesk(NEW, async (page) => {
      await fill(page, 'By keyboard')
      const set = page.getByRole('button', { name: 'Set on the map' })
      await set.focus()
      await page.keyboard.press('Enter')
      await page.getByText('Space sets the start at the cross').waitFor()
      expect(await page.evaluate(() => document.activeElement?.classList.contains('maplibregl-canvas'))).toBe(true)
      await page.keyboard.press('Space')
      await expect.poll(() => startField(page).inputValue()).not.toBe('')
      const [first, height] = await startTyped(page)
      await set.focus()
      await page.keyboard.press('Enter')
      await page.keyboard.press('ArrowRight')
      // The map glides; Space takes the place under the cross as it is then.
      await expect
        .poll(async () => {
          await canvas(page).focus()
          await page.keyboard.press('Space')
          const [lon] = await startTyped(page)
          if (lon <= first) await set.click()
          return lon
        })
        .toBeGreaterThan(first)
      expect((await startTyped(page))[1]).toBeCloseTo(height, 3)
    }))

  it('is typed, and refused where it is no place', () =>
    atDesk(NEW, async (page) => {
      await fill(page, 'Typed')
      await startField(page).fill('31.86, 120.98')
      await page.getByText('longitude first').first().waitFor()
      expect(await startField(page).getAttribute('aria-invalid')).toBe('true')
      await page.getByRole('button', { name: 'Preview' }).click()
      expect(await page.locator('[data-preview]').count()).toBe(0)
      expect(await page.getByRole('button', { name: 'Launch' }).isDisabled()).toBe(true)
      await startField(page).fill('120,98; 31,86')
      await preview(page)
      const id = await launched(page)
      expect((await readCampaign(steward, id)) as unknown).toMatchObject({ start: { lon: 120.98, lat: 31.86 } })
      // On the board and where zones are painted it is drawn as well.
      const { targets } = await readCampaign(steward, id)
      await drawn(page, targets.length)
      const at = (await spots(page, targets))([120.98, 31.86])
      const shown = await picture(page, at)
      await page.goto(absolute(`/desk/campaigns/${(await bare('Without')).id}?lang=en`))
      await drawn(page, targets.length)
      expect(await picture(page, (await spots(page, targets))([120.98, 31.86]))).not.toBe(shown)
      expect(await page.locator('[data-route-start]').count()).toBe(0)
      await page.goto(absolute(`/desk/campaigns/${id}?lang=en&tab=zones`))
      await drawn(page, targets.length)
      await shoot(page, 'zones-start')
    }))
})

/** The day so many days ago on this machine's calendar, which the browser shares. */
function daysAgo(days: number): string {
  const now = new Date()
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, 12)
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}
const unseen = (days: number) => `last_seen_on_max=${daysAgo(days)}&last_seen_on_unknown=include`

/** Codes that a search finds, all of them. */
async function found(query: string): Promise<string[]> {
  const codes: string[] = []
  let after = ''
  do {
    const page = await steward.ok<{ features: { properties: { code: string } }[]; next: string | null }>(
      'GET',
      `/api/v1/search?${query}&limit=500&geometry=none${after}`,
    )
    codes.push(...page.features.map((one) => one.properties.code))
    after = page.next ? `&after=${encodeURIComponent(page.next)}` : ''
  } while (after)
  return codes.sort()
}

const codesOf = (campaign: Campaign) => campaign.targets.map((one) => one.code).sort()

describe('what nobody saw for long', () => {
  it('proposes itself on the list of campaigns, as many as the search finds', () =>
    asStaff('/desk/campaigns?lang=en', async (page) => {
      for (const days of [180, 90, 365]) {
        if (days !== 180) await page.locator('[data-due-days] label', { hasText: `${days} days` }).click()
        await page.locator(`[data-due-days="${days}"]`).waitFor()
        for (const collection of COLLECTIONS) {
          const due = (await found(`collection=${collection}&${unseen(days)}`)).length
          await page.locator(`[data-due=${collection}][data-count="${due}"]`).waitFor()
        }
      }
      // Staff may look; stewards launch.
      expect(await page.locator('[data-due] a', { hasText: 'Show' }).count()).toBeGreaterThan(0)
      expect(await page.locator('[data-due] a.button').count()).toBe(0)
    }))

  it.each(COLLECTIONS)('becomes a campaign of exactly those %s', (collection) =>
    atDesk('/desk/campaigns?lang=en', async (page) => {
      const due = await found(`collection=${collection}&${unseen(180)}`)
      const line = page.locator(`[data-due=${collection}][data-count="${due.length}"]`)
      await line.locator('a.button').click()
      await page.locator(`[data-searched=${collection}]`).waitFor()
      expect(await page.locator('[data-searched]').textContent()).toContain('Last seen on site')
      await fill(page, `Again: ${collection}`)
      expect(await preview(page)).toBe(due.length)
      await shoot(page, `launch-due-${collection}`)
      const made = await readCampaign(steward, await launched(page))
      expect(codesOf(made)).toEqual(due)
    }),
  )

  it('is found from the search, narrowed there, and launched as it was found', () =>
    atDesk('/desk?lang=en', async (page) => {
      await listed(page)
      const unseenFor = page.getByLabel('On site')
      await unseenFor.selectOption({ label: 'not seen for 90 days or more' })
      const due = await found(`collection=parcels&${unseen(90)}`)
      await listsExactly(page, due.length)
      // What is set elsewhere in the address comes along.
      await page.goto(`${page.url()}&status=AVAILABLE`)
      const narrowed = await found(`collection=parcels&status=AVAILABLE&${unseen(90)}`)
      expect(narrowed.length).toBeLessThan(due.length)
      expect(narrowed.length, 'somebody has seen all of them').toBeGreaterThan(0)
      await listsExactly(page, narrowed.length)
      await shoot(page, 'desk-unseen')
      await page.locator('[data-to-campaign]').click()
      await page.locator('[data-searched=parcels]').waitFor()
      await fill(page, 'Found')
      expect(await preview(page)).toBe(narrowed.length)
      const made = await readCampaign(steward, await launched(page))
      expect(codesOf(made)).toEqual(narrowed)
    }))

  it('is told by the form as well, by days', () =>
    atDesk(NEW, async (page) => {
      // What the demo has seen grows old; this was seen today.
      const [fresh = ''] = await found('collection=parcels&status=AVAILABLE')
      const seen = { set: { remarks: 'fence seen' }, evidence: 'seen', observed_at: new Date().toISOString() }
      await steward.ok('PATCH', `/api/v1/carriers/${fresh}`, seen)
      await fill(page, 'By days')
      const every = await preview(page)
      await page.getByLabel(/Only what nobody saw on site/).fill('90')
      const due = await found(`collection=parcels&status=AVAILABLE&${unseen(90)}`)
      expect(await preview(page)).toBe(due.length)
      expect(due.length).toBeLessThan(every)
    }))

  it('offers staff the search and no launch', () =>
    asStaff('/desk?lang=en', async (page) => {
      await listed(page)
      await page.getByLabel('On site').waitFor()
      expect(await page.locator('[data-to-campaign]').count()).toBe(0)
    }))
})

/** The available parcels, with no start of routes. */
async function bare(name: string, deadline = '2027-12-31'): Promise<Campaign> {
  const id = randomUUID()
  await steward.ok('POST', '/api/v1/campaigns', {
    id,
    name,
    deadline,
    collections: ['parcels'],
    search: 'status=AVAILABLE',
    minutes: { parcels: 15 },
    teams: [{ key: 'a', name: 'Team A', members: ['test-surveyor'] }],
    required_photos: { parcels: [] },
  })
  return readCampaign(steward, id)
}

async function late(name: string, deadline = '2026-01-31'): Promise<Campaign> {
  const made = await bare(name, deadline)
  const codes = codesOf(made)
  const zones = [{ key: 'all', name: 'All', codes, team: 'a' }]
  await steward.ok('PUT', `/api/v1/campaigns/${made.id}/zones`, { zones })
  return readCampaign(steward, made.id)
}

describe('a deadline that has passed', () => {
  it.each([
    ['zh', '已逾期', '仍可提交', '2026年1月31日'],
    ['en', 'overdue', 'Visits are still taken', '31 Jan 2026'],
    ['de', 'überfällig', 'Besuche werden weiter angenommen', '31. Jan. 2026'],
  ] as const)('is said on the list, the board and the phone, %s', async (lang, word, still, day) => {
    const campaign = await late(`Late ${lang}`)
    const ahead = await late(`Ahead ${lang}`, '2027-12-31')
    await atDesk(`/desk/campaigns?lang=${lang}`, async (page) => {
      const line = (name: string) => page.locator('[data-campaigns] li', { hasText: name })
      await line(`Late ${lang}`).locator('[data-overdue]', { hasText: word }).waitFor()
      expect(await line(`Ahead ${lang}`).locator('[data-overdue]').count()).toBe(0)
      await line(`Late ${lang}`).getByRole('link').click()
      const board = page.locator('div[data-overdue]')
      await board.waitFor()
      const all = String(campaign.targets.length)
      for (const part of [still, day, all]) expect(await board.textContent()).toContain(part)
      await shoot(page, `overdue-${lang}`)
      await page.goto(absolute(`/desk/campaigns/${ahead.id}?lang=${lang}`))
      await page.locator('[data-board]').waitFor()
      expect(await page.locator('[data-overdue]').count()).toBe(0)
    })
    const phone = await Phone.make(absolute(''))
    try {
      await phone.ready(campaign, lang)
      await phone.page.locator('main header [data-overdue]', { hasText: still }).waitFor()
      expect(await phone.page.locator('main header [data-deadline=past]').textContent()).toContain(day)
      await shoot(phone.page, `overdue-phone-${lang}`)
      // Nothing is refused for it.
      const [first] = campaign.targets
      await phone.confirm(first?.code ?? '')
      await phone.open('#queue', lang)
      await phone.allArrived()
    } finally {
      await phone.close()
    }
    expect((await readCampaign(steward, campaign.id)).numbers['visited']).toBe(1)
  })

  it('is not overdue on its own day; where all is accounted for it says what is missing', async () => {
    const today = await late('Today', daysAgo(0))
    const done = await late('Done')
    await send(surveyor, done, codesOf(done))
    await atDesk(`/desk/campaigns/${today.id}?lang=en`, async (page) => {
      await page.locator('[data-board]').waitFor()
      expect(await page.locator('[data-overdue]').count()).toBe(0)
      await page.goto(absolute(`/desk/campaigns/${done.id}?lang=en`))
      await page.locator('div[data-overdue]').getByText('not signed off yet').waitFor()
    })
  })
})

describe.each([
  ['wide', WIDE, 'light', 'de'],
  ['wide', WIDE, 'dark', 'zh'],
  ['phone', PHONE, 'light', 'zh'],
  ['phone', PHONE, 'dark', 'de'],
] as const)('axe finds nothing, %s', (size, viewport, colorScheme, lang) => {
  it(
    `${colorScheme}, ${lang}: what is due, what is late, a search on its way to a campaign`,
    { timeout: 120_000 },
    () =>
      atDesk(
        `/desk/campaigns?lang=${lang}`,
        async (page) => {
          await page.locator('[data-due]').last().waitFor()
          await shoot(page, `due-${size}-${lang}`)
          await faultless(page, `due ${size}`)
          await page.locator('[data-due=parcels] a.button').click()
          await page.locator('[data-searched]').waitFor()
          await page.waitForSelector('[data-map=ready]')
          await page.locator('.start button').click()
          await startField(page).fill('nowhere')
          await startField(page).blur()
          await shoot(page, `launch-${size}-${lang}`)
          await faultless(page, `launch ${size}`)
          if (size === 'wide') {
            await page.goto(absolute(`/desk?lang=${lang}&${unseen(90)}`))
            await listed(page)
            await page.locator('[data-to-campaign]').waitFor()
            await shoot(page, `desk-unseen-${lang}`)
            await faultless(page, 'search')
          }
        },
        { viewport, colorScheme },
      ),
  )
})
