/** The screens around the work of a phone, in three languages, as large as people set their text, in the dark and in the sun. */
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { launch, Person } from './campaign'
import { home } from './home'
import { looksRight } from './looks'
import { Phone } from './phone'

let phone: Phone
afterEach(() => phone.close())

type Look = 'light' | 'dark' | 'sun'

async function phoneOf(look: Look, persistent = true): Promise<Phone> {
  const made = await Phone.make(home(), { scheme: look === 'dark' ? 'dark' : 'light', persistent })
  if (look === 'sun') await made.page.addInitScript(() => localStorage.setItem('zaiti.sun', '1'))
  return made
}

/** As it is, and with text at 200 %. */
async function inBothSizes(name: string) {
  const grow = (size: string) => phone.page.evaluate((size) => (document.documentElement.style.fontSize = size), size)
  await looksRight(phone.page, name)
  await grow('200%')
  await looksRight(phone.page, `${name}-200`)
  await grow('')
}

async function session(name: string) {
  await phone.open()
  await phone.logIn(name)
  await phone.page.locator('form button.primary').waitFor({ state: 'detached' })
}

// Each language and each look once, and the longest words on the boldest look.
describe.each([
  ['zh', 'dark'],
  ['en', 'sun'],
  ['de', 'light'],
  ['de', 'sun'],
] as const)('in %s, %s', (lang, look) => {
  it('start, hand over, device and import stand large text', { timeout: 240_000 }, async () => {
    const steward = await Person.logIn('test-steward')
    const campaign = await launch(steward)
    phone = await phoneOf(look)
    await phone.open('', lang)
    await phone.page.getByRole('heading', { level: 1 }).waitFor()
    await inBothSizes(`start-out-${lang}-${look}`)
    await session('test-surveyor')
    await phone.open('', lang)
    await phone.page.locator(`[data-load="${campaign.id}"]`).waitFor()
    await inBothSizes(`start-${lang}-${look}`)
    await phone.page.locator(`[data-load="${campaign.id}"]`).click()
    // The list is opened once the package is there whole.
    await phone.page.waitForURL(/#list$/)
    await phone.page.locator('#left li').first().waitFor()
    await phone.confirm(campaign.targets[0]?.code ?? '')
    await phone.page.evaluate(() => (location.hash = 'queue'))
    await phone.page.locator('[data-entry]').first().waitFor()
    await inBothSizes(`queue-${lang}-${look}`)
    await phone.page.evaluate(() => (location.hash = 'device'))
    await phone.page.locator('[data-package]').waitFor()
    await inBothSizes(`device-${lang}-${look}`)
    await phone.page.evaluate(() => (location.hash = 'import'))
    await phone.page.locator('a[href="#device"]').waitFor()
    await inBothSizes(`import-${lang}-${look}`)
  })

  it('the refusal stands large text', { timeout: 120_000 }, async () => {
    phone = await phoneOf(look, false)
    await phone.open('', lang)
    await phone.page.locator('[data-refused=persist]').waitFor()
    await inBothSizes(`refusal-${lang}-${look}`)
  })
})

describe('a day to try again', () => {
  it('is tomorrow at the earliest, by the calendar of the place', { timeout: 120_000 }, async () => {
    const steward = await Person.logIn('test-steward')
    const campaign = await launch(steward)
    phone = await Phone.make(home())
    await phone.ready(campaign)
    // In Shanghai it is the morning of the next day already.
    const day = (after: number) => new Date(Date.now() + after * 86_400_000).toISOString().slice(0, 10)
    const [today, dayAfterTomorrow] = [day(0), day(2)]
    await phone.cdp.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Shanghai' })
    await phone.page.clock.setFixedTime(new Date(`${today}T23:30:00Z`))
    await phone.open(`#target/${campaign.targets[0]?.code ?? randomUUID()}`)
    await phone.page.reload()
    await phone.page.locator('[data-answer=no_access]').click()
    const retry = phone.page.locator('input[type=date]')
    await retry.waitFor()
    expect(await retry.getAttribute('min')).toBe(dayAfterTomorrow)
  })

  it('a target says when somebody saw it last', { timeout: 120_000 }, async () => {
    const steward = await Person.logIn('test-steward')
    const campaign = await launch(steward)
    phone = await Phone.make(home())
    await phone.ready(campaign)
    const days = await Promise.all(
      campaign.targets.slice(0, 40).map(async ({ code }) => {
        const { properties } = await steward.ok<{ properties: Record<string, unknown> }>(
          'GET',
          `/api/v1/carriers/${code}`,
        )
        return { code, day: properties['last_seen_on'] }
      }),
    )
    for (const [one, words] of [
      [days.find(({ day }) => typeof day === 'string'), 'Last seen on site'],
      [days.find(({ day }) => typeof day !== 'string'), 'Nobody has seen it on site yet'],
    ] as const) {
      if (!one) continue
      await phone.page.evaluate((code) => (location.hash = `target/${code}`), one.code)
      await phone.page.locator(`[data-card="${one.code}"] [data-last-seen]`, { hasText: words }).waitFor()
    }
    expect(days.some(({ day }) => typeof day === 'string')).toBe(true)
  })
})
