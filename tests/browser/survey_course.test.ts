/** A campaign from its launch to its sign-off, by the buttons that a lead has. */
import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, PHONE, useBrowser, WIDE } from './browser'
import { launchBare, Person, readCampaign, send, zone, type Campaign } from './campaign'
import { atDesk } from './desk'
import { faultless } from './looks'

useBrowser()

const NEW = '/desk/campaigns?lang=en&new=1'
let steward: Person
let surveyor: Person

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  surveyor = await Person.logIn('test-surveyor')
})

const campaigns = async () =>
  (await steward.ok<{ campaigns: { id: string; name: string }[] }>('GET', '/api/v1/campaigns')).campaigns

describe('the launch', () => {
  it('is filled in, previewed on the map and done; nothing is written before', () =>
    atDesk(NEW, async (page) => {
      const before = (await campaigns()).length
      await page.waitForSelector('[data-map=ready]')
      const launch = page.getByRole('button', { name: 'Launch' })
      expect(await launch.isDisabled()).toBe(true)
      await page.getByLabel('Name', { exact: true }).fill('Spring look')
      await page.getByLabel('Deadline').fill('2027-04-30')
      await page.getByLabel('Buildings', { exact: true }).check()
      await page.getByLabel('Parcels: minutes a visit').fill('20')
      await page.getByLabel(/^Teams, one a line/).fill('North: test-surveyor\nSouth: test-staff')
      await page.locator('input[data-start]').fill('120.98, 31.86')
      await page.getByRole('button', { name: 'Preview' }).click()
      const told = page.locator('[data-preview]')
      await told.waitFor()
      const everywhere = Number(await told.getAttribute('data-preview'))
      await drawn(page, everywhere)
      // The northern half alone, painted.
      await page.locator('.frame fieldset label', { hasText: 'Rectangle' }).click()
      const frame = await page.locator('.maplibregl-canvas').boundingBox()
      if (!frame) throw new Error('no map')
      await page.mouse.move(frame.x + 5, frame.y + frame.height * 0.45)
      await page.mouse.down()
      await page.mouse.move(frame.x + frame.width * 0.5, frame.y + 80)
      await page.mouse.move(frame.x + frame.width - 70, frame.y + 5)
      await page.mouse.up()
      expect(await page.getByLabel('Painted on the map').isChecked()).toBe(true)
      expect(await launch.isDisabled(), 'what was previewed is no longer asked for').toBe(true)
      await page.getByRole('button', { name: 'Preview' }).click()
      await told.waitFor()
      const painted = Number(await told.getAttribute('data-preview'))
      expect(painted).toBeGreaterThan(0)
      expect(painted).toBeLessThan(everywhere)
      expect((await campaigns()).length).toBe(before)
      await launch.click()
      await page.locator('[data-board]').waitFor()
      const id = page.url().split('/').at(-1)?.split('?')[0] ?? ''
      const made = await readCampaign(steward, id)
      expect(made).toMatchObject({
        name: 'Spring look',
        deadline: '2027-04-30',
        minutes: { parcels: 20 },
        teams: [{ name: 'North' }, { name: 'South' }],
      })
      expect(made.targets.length).toBe(painted)
    }))

  it('takes what the map shows as its area', () =>
    atDesk(NEW, async (page) => {
      await page.waitForSelector('[data-map=ready]')
      await page.getByLabel('Name', { exact: true }).fill('In view')
      await page.getByLabel('Deadline').fill('2027-04-30')
      const preview = async () => {
        await page.getByRole('button', { name: 'Preview' }).click()
        const told = page.locator('[data-preview]')
        await told.waitFor()
        return Number(await told.getAttribute('data-preview'))
      }
      const all = await preview()
      await page.getByLabel('What the map shows').check()
      expect(await preview()).toBe(all)
      await page.getByRole('button', { name: 'Zoom in' }).click()
      await page.getByRole('button', { name: 'Zoom in' }).click()
      await page.waitForFunction(() => document.querySelector('.frame [role=img]')?.textContent?.match(/^[1-5]00/))
      await page.getByLabel('Everywhere').check()
      await page.getByLabel('What the map shows').check()
      expect(await preview()).toBeLessThan(all)
    }))

  it('says what is wrong, and asks for the area that was to be painted', () =>
    atDesk(NEW, async (page) => {
      await page.waitForSelector('[data-map=ready]')
      await page.getByLabel('Name', { exact: true }).fill('Wrong')
      await page.getByLabel('Deadline').fill('2027-04-30')
      await page.getByLabel(/^Teams, one a line/).fill('North: nobody-here')
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByRole('alert').getByText('nobody-here').first().waitFor()
      await page.getByLabel('Painted on the map').check()
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByRole('alert').getByText('Paint the area on the map first').waitFor()
      expect(await page.getByRole('button', { name: 'Launch' }).isDisabled()).toBe(true)
    }))
})

describe('its course', () => {
  let campaign: Campaign
  let codes: string[]
  const path = (tab: string) => `/desk/campaigns/${campaign.id}?lang=en&tab=${tab}`

  beforeAll(async () => {
    campaign = await launchBare(steward, 'Course')
    codes = campaign.targets.slice(0, 4).map((one) => one.code)
    await zone(steward, campaign.id, [{ key: 'w', name: 'West', codes: codes.slice(0, 3), team: 'a', day: null }])
  })

  it('drops a target and adds one, with the reason in the log', () =>
    atDesk(path('targets'), async (page) => {
      const gone = campaign.targets.at(-1)?.code ?? ''
      const change = async (label: string, reason: string) => {
        await page.getByText('Change targets').click()
        await page.getByLabel(label).fill(gone)
        await page.getByLabel('Reason').fill(reason)
        await page.getByRole('button', { name: 'Save', exact: true }).click()
      }
      await change('Codes to drop', 'Sold last week')
      await page.locator(`[data-target="${gone}"]`).waitFor({ state: 'detached' })
      await page.getByText('Change targets').click()
      await change('Codes to add', 'The sale fell through')
      await page.locator(`[data-target="${gone}"]`).waitFor()
      await page.locator('[data-tab=log]').click()
      const log = page.locator('[data-log] li')
      await log.first().waitFor()
      expect(await log.nth(0).innerText()).toContain('The sale fell through')
      expect(await log.nth(0).innerText()).toContain(`+${gone}`)
      expect(await log.nth(1).innerText()).toContain('Sold last week')
      expect(await log.nth(1).innerText()).toContain(`-${gone}`)
    }))

  it('approves all unchanged ones at once, and no other', async () => {
    await send(surveyor, campaign, codes.slice(0, 2))
    await send(surveyor, campaign, codes.slice(2, 3), 'no_access')
    await atDesk(path('review'), async (page) => {
      await page.getByRole('button', { name: 'Approve 2 unchanged' }).click()
      await page.getByText('2 decided').waitFor()
      const now = await readCampaign(steward, campaign.id)
      const states = codes.slice(0, 3).map((code) => now.targets.find((one) => one.code === code)?.state)
      expect(states).toEqual(['approved', 'approved', 'to_review'])
      await page.locator('[data-visit]').getByRole('button', { name: 'Approve' }).click()
      await page.locator('[data-visit]').waitFor({ state: 'detached' })
    })
  })

  it('signs a zone off when its sample is drawn and its exceptions have reasons', () =>
    atDesk(path('signoff'), async (page) => {
      const part = page.locator('[data-sign=w]')
      const sign = part.getByRole('button', { name: 'Sign off zone' })
      await sign.click()
      await part.locator('[data-open]').getByText('sample not drawn').waitFor()
      await part.getByRole('button', { name: 'Draw 5 % sample' }).click()
      await part.getByText('Sample: ').waitFor()
      await sign.click()
      await part.locator('[data-open]').getByText('sample not revisited').waitFor()
      for (const reason of await part.getByLabel(/^Exception for/).all())
        await reason.fill('Seen by two people at once')
      await sign.click()
      await part.getByText(/Signed by test-steward/).waitFor()
      const [west] = (await readCampaign(steward, campaign.id)).zones
      expect(west?.signed?.by).toBe('test-steward')
      // Its targets stay where they are from now on.
      await page.locator('[data-tab=targets]').click()
      await page.locator(`[data-target="${codes[0]}"]`).waitFor()
      expect(await page.locator(`[data-target="${codes[0]}"] input`).isDisabled()).toBe(true)
      expect(await page.locator(`[data-target="${codes[3]}"] input`).isDisabled()).toBe(false)
    }))
})

describe.each([
  ['wide', WIDE, 'light', 'de'],
  ['wide', WIDE, 'dark', 'zh'],
  ['phone', PHONE, 'light', 'zh'],
  ['phone', PHONE, 'dark', 'en'],
] as const)('axe finds nothing in the launch, %s', (size, viewport, colorScheme, lang) => {
  it(`${colorScheme}, ${lang}: empty, wrong, previewed`, { timeout: 120_000 }, () =>
    atDesk(
      `/desk/campaigns?lang=${lang}&new=1`,
      async (page) => {
        await page.waitForSelector('[data-map=ready]')
        await faultless(page, `empty ${size}`)
        await page.locator('form input[required]').first().fill('X')
        await page.locator('form input[type=date]').fill('2027-04-30')
        await page.locator('form textarea').fill('North: nobody-here')
        await page.locator('form button:not([type])').click()
        await page.getByRole('alert').waitFor()
        await faultless(page, `wrong ${size}`)
        await page.locator('form textarea').fill('')
        await page.locator('form button:not([type])').click()
        await page.locator('[data-preview]').waitFor()
        await faultless(page, `previewed ${size}`)
      },
      { viewport, colorScheme },
    ),
  )
})
