import { describe, expect, it } from 'vitest'
import { getJson, listed, logIn, open, PHONE, useBrowser } from './browser'
import { PASSWORD } from './server'

interface Found {
  features: { properties: { code: string } }[]
}

useBrowser()

describe('the past', () => {
  it('is said to be the past, asked of every part of the page, and left by one button', async () => {
    const asked: string[] = []
    const { page, faults, close } = await open('/?lang=en')
    await listed(page)
    const past = new URL('/?lang=en&as_of=6', page.url()).href
    // Today's page is left first: what its map still asks for is none of the past's.
    await page.goto('about:blank')
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(past)
    await page.locator('[data-asof="6"]').getByText('As of revision 6').waitFor()
    await listed(page)
    const of = (path: string) => asked.filter((url) => url.includes(path) && url.includes('?'))
    const parts = ['/tiles/', '/api/v1/search', '/api/v1/facets']
    for (const part of parts)
      await expect.poll(() => of(part).length, { message: part, timeout: 30_000 }).toBeGreaterThan(0)
    // All of it, not only what came first.
    await page.waitForLoadState('networkidle')
    for (const url of parts.flatMap(of)) expect(url).toContain('at=6')
    await page.getByRole('button', { name: 'Back to today' }).click()
    await page.locator('[data-asof]').waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('as_of')
    await listed(page)
    expect(faults).toEqual([])
    await close()
  })

  it('is chosen by its day, and a day before the first is refused in words', async () => {
    const { page, faults, close } = await open('/?lang=en')
    await listed(page)
    await page.getByLabel('As of').fill('2020-01-31')
    await page.getByLabel('As of').blur()
    await page.locator('[data-asof="2020-01-31"]').getByText('31 Jan 2020').waitFor()
    await page.getByText('nothing is known of before').waitFor()
    // The map says in the console that it is refused its tiles; that is all.
    expect(faults.filter((fault) => !fault.startsWith('console:'))).toEqual([])
    await close()
  })

  it('cannot be changed, and today can', async () => {
    const { page, faults, close } = await open('/?lang=en&collection=parcels')
    await listed(page)
    await logIn(page, 'test-staff', PASSWORD)
    const code = (await page.locator('#list [data-code]').first().getAttribute('data-code')) ?? ''
    await page.goto(new URL(`/c/${code}?lang=en`, page.url()).href)
    await page.getByRole('button', { name: 'Update' }).waitFor()
    const { revision } = await getJson<{ revision: number }>('/api/v1/catalogue')
    await page.goto(new URL(`/c/${code}?lang=en&as_of=${revision}`, page.url()).href)
    await page.locator('[data-asof]').waitFor()
    await page.locator('[data-attribute]').first().waitFor()
    expect(await page.getByRole('button', { name: 'Update' }).count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })
})

describe('history', () => {
  it.each([
    ['en', 'verified on site', undefined],
    ['de', 'vor Ort geprüft', PHONE],
    ['zh', '现场核实', PHONE],
  ] as const)('is a timeline in %s', async (lang, verified, phone) => {
    const { page, faults, close } = await open(`/?lang=${lang}`, phone ? { viewport: phone } : {})
    const { features } = await getJson<Found>('/api/v1/search?collection=units&limit=1&geometry=none&sort=code')
    await page.goto(new URL(`/c/${features[0]?.properties.code}?lang=${lang}`, page.url()).href)
    await page.locator('[data-attribute] .seen', { hasText: verified }).first().waitFor()
    await page.locator('details summary').click()
    await page.locator('[data-version="1"] dd').first().waitFor()
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wide).toBeLessThanOrEqual(0)
    if (process.env['SHOTS'])
      await page.screenshot({
        path: `${process.env['SHOTS']}/history-${lang}.png`,
        fullPage: true,
      })
    expect(faults).toEqual([])
    await close()
  })
})
