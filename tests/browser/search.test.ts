import { describe, expect, it } from 'vitest'
import { drawn, getJson, listed, listsExactly, open, PHONE, useBrowser, visit } from './browser'

interface Found {
  numberMatched: number
  features: { properties: { code: string; area: number } }[]
}
const search = (query: string) => getJson<Found>(`/api/v1/search?${query}`)

useBrowser()

describe('search', () => {
  it('lists what the server finds and draws it', () =>
    visit('/?lang=en', async (page) => {
      const all = await search('collection=parcels&limit=1')
      expect(await listed(page)).toBe(all.numberMatched)
      expect(await drawn(page, 20)).toBeLessThanOrEqual(all.numberMatched)
      // The canvas must hold a picture: many different colours, not one.
      const shot = await page.locator('.mapside').screenshot()
      expect(shot.byteLength).toBeGreaterThan(20_000)
    }))

  it('filters by a code and a typed number, shows chips, removes and undoes', () =>
    visit('/?lang=en', async (page) => {
      const all = await listed(page)
      await page.locator('aside details').filter({ hasText: 'Status' }).locator('input:not(:disabled)').first().check()
      await page.waitForFunction(
        (n) => document.querySelector('h1[data-count]')?.getAttribute('data-count') !== String(n),
        all,
      )
      const status = new URL(page.url()).searchParams.get('status')
      expect(status).toBeTruthy()
      await listsExactly(page, (await search(`collection=parcels&status=${status}&limit=1`)).numberMatched)
      const area = page.locator('aside details').filter({ has: page.locator('h3', { hasText: /^Area$/ }) })
      await area.locator('select').selectOption('mu')
      await area.locator('input[inputmode=decimal]').first().fill('30')
      await area.locator('input[inputmode=decimal]').first().press('Enter')
      const both = await search(`collection=parcels&status=${status}&area_min=30&area_unit=mu&limit=1`)
      await listsExactly(page, both.numberMatched)
      expect(page.url()).toContain('area_min=30')
      expect(page.url()).toContain('area_unit=mu')
      await page.getByRole('button', { name: /^Remove filter: Area/ }).click()
      await listsExactly(page, (await search(`collection=parcels&status=${status}&limit=1`)).numberMatched)
      await page.getByRole('button', { name: 'Undo last' }).click()
      await listsExactly(page, both.numberMatched)
    }))

  it('restores everything from the address, and back works', () =>
    visit('/?collection=units&area_min=500&sort=-area&lang=de', async (page) => {
      const found = await search('collection=units&area_min=500&sort=-area&limit=5')
      await listsExactly(page, found.numberMatched)
      const first = await page.locator('#list [data-code]').first().getAttribute('data-code')
      expect(first).toBe(found.features[0]?.properties.code)
      expect(await page.locator('html').getAttribute('lang')).toBe('de')
      await page.locator('#list [data-code] a').first().click()
      await page.waitForURL(/\/c\//)
      await page.goBack()
      await listsExactly(page, found.numberMatched)
    }))

  it('leaves out filters it does not know, and says so', () =>
    visit('/?lang=en&no_such_thing_min=3', async (page) => {
      await listed(page)
      await page.getByText('no_such_thing_min').waitFor()
    }))

  it('offers what to relax when nothing fits', () =>
    visit('/?lang=en&area_min=900000000', async (page) => {
      await listsExactly(page, 0)
      await page.getByRole('button', { name: /^Without/ }).click()
      await listsExactly(page, (await search('collection=parcels&limit=1')).numberMatched)
    }))

  it('points from a row at its shape', () =>
    visit('/?lang=en', async (page) => {
      await drawn(page, 20)
      const row = page.locator('#list li[data-code]').nth(2)
      await row.hover()
      await page.locator('#list li.hot').waitFor()
      expect(await row.getAttribute('class')).toContain('hot')
    }))

  it('brings the row of a clicked shape into view', () =>
    visit('/?lang=en', async (page) => {
      const [found] = (
        await getJson<{ features: { bbox: number[]; properties: { code: string } }[] }>(
          '/api/v1/search?collection=parcels&sort=-area&limit=1',
        )
      ).features
      const [w = 0, s = 0, e = 0, n = 0] = found?.bbox ?? []
      await page.goto(page.url() + `&at=16/${(s + n) / 2}/${(w + e) / 2}`)
      await drawn(page)
      const box = await page.locator('.mapside canvas').boundingBox()
      if (!box) throw new Error('no map')
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
      await page.waitForURL(/pick=/)
      await page.locator('#list li.picked').waitFor()
    }))

  it('searches as the map moves, and says how many are in view', () =>
    visit('/?lang=en', async (page) => {
      await drawn(page, 20)
      const all = await listed(page)
      for (let step = 0; step < 3; step++) await page.getByRole('button', { name: 'Zoom in' }).click()
      await page.waitForURL(/bbox=/)
      await page.getByText(new RegExp(`in view, ${all} in total`)).waitFor()
      await expect.poll(() => listed(page)).toBeLessThan(all)
    }))

  it('is a journey by keyboard alone', () =>
    visit('/?lang=en', async (page) => {
      await listed(page)
      await page.keyboard.press('j')
      await page.keyboard.press('j')
      const second = await page.locator('#list [data-code]').nth(1).getAttribute('data-code')
      await page.keyboard.press('c')
      await page.keyboard.press('k')
      await page.keyboard.press('c')
      await page.waitForURL(/compare=/)
      await page.keyboard.press('s')
      await page.getByRole('button', { name: /^Shortlist 1/ }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('/')
      await page.keyboard.type(second ?? '')
      await page.waitForURL(/q=/)
      await listsExactly(page, 1)
      await page.keyboard.press('Tab')
      await page.locator('#list a').first().focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(new RegExp(`/c/${second}`))
    }))

  it('works as a sheet over the map on a phone', () =>
    visit(
      '/?lang=zh',
      async (page) => {
        await listed(page)
        await drawn(page)
        const handle = page.getByRole('button', { name: '列表高度' })
        // Who made the base map is said above the sheet, not under it.
        const sources = page.locator('section.pane p').filter({ hasText: 'OpenStreetMap' })
        const [said, sheet] = await Promise.all([sources.boundingBox(), page.locator('section.half').boundingBox()])
        expect((said?.y ?? 0) + (said?.height ?? 0)).toBeLessThan(sheet?.y ?? 0)
        expect(said?.y).toBeGreaterThan(0)
        await handle.click()
        await page.locator('section.full').waitFor()
        await handle.click()
        await page.locator('section.peek').waitFor()
        await page.getByRole('button', { name: '筛选' }).click()
        await page.getByRole('dialog').waitFor()
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
        expect(wide).toBe(false)
      },
      { viewport: PHONE },
    ))

  it('still lists when the map engine cannot be had', async () => {
    const watched = await open('/?lang=en')
    await watched.page.route(/engine-.*\.js/, (route) => route.abort())
    await watched.page.reload()
    expect(await listed(watched.page)).toBeGreaterThan(0)
    await watched.page.getByText('The map cannot be drawn').waitFor()
    await watched.close()
  })
})
