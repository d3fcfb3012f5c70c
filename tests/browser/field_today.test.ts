/** What the phone shows for the day: today's way first, what is late marked, the rest folded; asked for as it was packed. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { useBrowser, WIDE } from './browser'
import { launch, launchBare, Person, readCampaign, zone, type Campaign } from './campaign'
import { atDesk, shoot } from './desk'
import { home } from './home'
import { looksRight } from './looks'
import { Phone, picture } from './phone'

vi.setConfig({ testTimeout: 180_000 })
useBrowser()

let steward: Person
let campaign: Campaign
let phone: Phone | undefined

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
})
afterEach(async () => {
  await phone?.close()
  phone = undefined
})

const dayFrom = (days: number) => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv')

/** Two zones for today, one that was due yesterday, one for tomorrow; each of a few targets, all of one team. */
async function planned(team: string): Promise<Campaign> {
  const bare = await launchBare(steward, 'Four zones')
  const codes = bare.targets.map((one) => one.code)
  const part = (key: string, from: number, day: string) => ({
    key,
    name: key,
    codes: codes.slice(from, from + 3),
    team,
    day,
  })
  await zone(steward, bare.id, [
    part('tomorrow', 0, dayFrom(1)),
    part('one', 3, dayFrom(0)),
    part('yesterday', 6, dayFrom(-1)),
    part('two', 9, dayFrom(0)),
  ])
  return readCampaign(steward, bare.id)
}

const codesIn = async (where: string) =>
  phone?.page
    .locator(`${where} [data-target]`)
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-target')))
const ofDay = (keys: string[]) => campaign.targets.filter((one) => keys.includes(one.zone ?? '')).map((one) => one.code)

describe('the day on the phone', () => {
  it.each(['en', 'de', 'zh'])('begins with today, marks what is late and folds what comes, in %s', async (lang) => {
    campaign = await planned('a')
    phone = await Phone.make(home())
    await phone.ready(campaign, lang)
    const { page } = phone
    expect(
      await page.locator('[data-when]').evaluateAll((all) => all.map((one) => one.getAttribute('data-when'))),
    ).toEqual(['today', 'overdue', 'later'])
    expect(await codesIn('#left')).toEqual(ofDay(['one', 'two']))
    expect(await page.locator('[data-when=overdue] [data-target]').first().isVisible()).toBe(true)
    expect(await page.locator('[data-when=later] [data-target]').first().isVisible()).toBe(false)
    await looksRight(page, `field-today-${lang}-phone`)
    if (lang !== 'en') return
    await page.setViewportSize(WIDE)
    await shoot(page, 'field-today-en-wide')
  })

  it('puts a target behind the others of today only, and keeps that order through a new package', async () => {
    campaign = await planned('a')
    phone = await Phone.make(home())
    await phone.ready(campaign)
    const today = ofDay(['one', 'two'])
    const first = today[0] ?? ''
    await phone.page.locator(`[data-target="${first}"] button`).click()
    await expect.poll(() => codesIn('#left').then((codes) => codes?.at(-1))).toBe(first)
    const order = await codesIn('#left')
    expect([...(order ?? [])].sort()).toEqual([...today].sort())
    expect(await codesIn('[data-when=overdue]')).toEqual(ofDay(['yesterday']))
    // A new target makes the phone fetch its package anew.
    const late = campaign.targets.find((one) => one.zone === null)?.code ?? ''
    const zones = campaign.zones.map(({ key, name, team, day }) => {
      const codes = ofDay([key]).concat(key === 'tomorrow' ? [late] : [])
      return { key, name, team, day, codes }
    })
    await zone(steward, campaign.id, zones)
    await phone.page.evaluate(() => dispatchEvent(new Event('online')))
    await phone.page.locator(`[data-when=later] [data-target="${late}"]`).waitFor({ state: 'attached' })
    expect(await codesIn('#left')).toEqual(order)
  })

  it('shows today on the map, and all days when asked', async () => {
    campaign = await planned('a')
    phone = await Phone.make(home())
    await phone.ready(campaign)
    await phone.open('#map')
    await phone.page.locator('[data-map=ready][data-targets="6"][data-drawn]').waitFor()
    await shoot(phone.page, 'field-today-map')
    await phone.page.locator('[data-days=all]').click()
    await phone.page.locator('[data-map=ready][data-targets="12"]').waitFor()
    await looksRight(phone.page, 'field-today-map-all')
  })
})

describe('a member of staff in a team', () => {
  it('fetches the package once, and hears of a new plan without it', async () => {
    campaign = await planned('b')
    phone = await Phone.make(home())
    const { page } = phone
    const asked: string[] = []
    phone.context.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (/\/(package|targets)$/.test(pathname)) asked.push(pathname.split('/').at(-1) ?? '')
    })
    await phone.open()
    await phone.logIn('test-staff')
    await page.locator(`[data-load="${campaign.id}"]`).click()
    await page.locator('#left li').first().waitFor()
    const idle = async () => {
      const before = asked.filter((one) => one === 'targets').length
      await page.evaluate(() => dispatchEvent(new Event('online')))
      await expect
        .poll(() => asked.filter((one) => one === 'targets').length, { timeout: 20_000 })
        .toBeGreaterThan(before)
    }
    await idle()
    // Tomorrow's zone is moved to today: no record is new.
    const zones = campaign.zones.map(({ key, name, team, day }) => {
      return { key, name, team, day: key === 'tomorrow' ? dayFrom(0) : day, codes: ofDay([key]) }
    })
    await zone(steward, campaign.id, zones)
    await idle()
    await page.locator('#left li').nth(8).waitFor()
    expect(asked.filter((one) => one === 'package')).toEqual(['package'])
  })
})

describe('a target that cannot be entered', () => {
  it('asks for a reason, a photo and a day to try again, and the desk is told the reason in its own language', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(home())
    await phone.ready(campaign)
    const { page } = phone
    const { code } = campaign.targets[0] ?? { code: randomUUID() }
    await phone.target(code)
    await page.locator('[data-answer=no_access]').click()
    await page.locator('[data-choice=locked]').click()
    const save = page.locator('[data-save]')
    await page.locator('[data-choice=locked][aria-pressed=true]').waitFor()
    expect(await save.isDisabled()).toBe(true)
    await page.locator('[data-choice=no-day]').click()
    await page.locator('[data-save]:enabled').waitFor()
    await page.locator('input[type=date]').fill(dayFrom(3))
    await page.locator('[data-choice=no-day][aria-pressed=false]').waitFor()
    await shoot(page, 'field-no-access')
    await save.click()
    // The photo is asked for before it is saved.
    await page.locator('[data-lacking] input[type=file]').first().setInputFiles(picture(200, 5))
    await page.locator('[data-said=saved]').waitFor()
    const kept = (await phone.journal()).find((entry) => entry.kind === 'visit')
    expect(kept?.payload).toMatchObject({ reason_key: 'locked', retry_on: dayFrom(3) })
    await phone.open('#list')
    await phone.allArrived()
    await atDesk(`/desk/campaigns/${campaign.id}?lang=de&tab=review`, async (desk) => {
      await desk.locator('[data-why=locked]').getByText('Verschlossen, niemand da').waitFor()
    })
  })
})
