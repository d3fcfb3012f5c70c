import { describe, expect, it } from 'vitest'
import { getJson, listed, useBrowser, visit } from './browser'

useBrowser()

describe('languages', () => {
  it('show the same page in each', async () => {
    const counts: number[] = []
    const texts: string[] = []
    for (const lang of ['zh', 'en', 'de'])
      await visit(`/?lang=${lang}`, async (page) => {
        await listed(page)
        await page.waitForSelector('aside details')
        counts.push(await page.locator('aside details').count())
        texts.push(await page.locator('aside').innerText())
        const cut = await page.evaluate(
          () =>
            [...document.querySelectorAll('button, .chip, h1, h2, h3')].filter(
              (one) =>
                one.scrollWidth > one.clientWidth + 1 &&
                getComputedStyle(one).display !== 'inline' &&
                one.clientWidth > 0,
            ).length,
        )
        expect(cut, `texts cut off in ${lang}`).toBe(0)
      })
    expect(new Set(counts).size).toBe(1)
    expect(new Set(texts).size).toBe(3)
    expect(texts[0]).toMatch(/[\u4e00-\u9fff]/)
  })

  it('switch without losing the search', () =>
    visit('/?lang=en&area_min=1000', async (page) => {
      const before = await listed(page)
      await page.getByRole('button', { name: 'Deutsch' }).first().click()
      await page.waitForURL(/lang=de/)
      expect(page.url()).toContain('area_min=1000')
      expect(await listed(page)).toBe(before)
    }))

  it('are offered for every attribute', async () => {
    const catalogue = await getJson<{ attributes: { key: string; names: Record<string, string> }[] }>(
      '/api/v1/catalogue',
    )
    for (const one of catalogue.attributes)
      for (const lang of ['zh', 'en', 'de']) expect(one.names[lang], `${one.key} ${lang}`).toBeTruthy()
  })
})
