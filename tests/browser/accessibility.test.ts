import type { Page } from 'playwright-core'
import { describe, it } from 'vitest'
import { getJson, listed, PHONE, useBrowser, visit, WIDE } from './browser'
import { faultless } from './looks'

useBrowser()

const SIZES = { wide: WIDE, phone: PHONE }
const SCHEMES = ['light', 'dark'] as const

describe.each(Object.entries(SIZES))('axe finds nothing, %s', (size, viewport) => {
  it.each(SCHEMES)('%s: search, filters, nothing found', async (colorScheme) => {
    const options = { viewport, colorScheme }
    const prepare = async (page: Page) => {
      await listed(page)
      await page.waitForSelector('[data-map=ready]')
    }
    await visit(
      '/?lang=de&area_min=1000',
      async (page) => {
        await prepare(page)
        await faultless(page, `search ${size}`)
        if (size === 'phone') {
          await page.getByRole('button', { name: 'Filter' }).first().click()
          await page.getByRole('dialog').waitFor()
          await faultless(page, 'filters')
        }
      },
      options,
    )
    await visit(
      '/?lang=en&area_min=900000000',
      async (page) => {
        await prepare(page)
        await faultless(page, `nothing ${size}`)
      },
      options,
    )
  })

  it.each(SCHEMES)('%s: a carrier, the comparison, the desk, the field', async (colorScheme) => {
    const options = { viewport, colorScheme }
    const found = await getJson<{ features: { properties: { code: string } }[] }>(
      '/api/v1/search?collection=parcels&limit=3&geometry=none',
    )
    const codes = found.features.map((one) => one.properties.code)
    await visit(
      `/c/${codes[0]}?lang=zh`,
      async (page) => {
        await page.waitForSelector('[data-map=ready]')
        await faultless(page, `carrier ${size}`)
      },
      options,
    )
    await visit(
      `/?lang=en&compare=${codes.join(',')}&comparing=1`,
      async (page) => {
        await page.getByRole('dialog').locator('table').waitFor()
        await faultless(page, `comparison ${size}`)
      },
      options,
    )
    await visit(
      '/desk?lang=en',
      async (page) => {
        await listed(page)
        await faultless(page, `desk ${size}`)
      },
      options,
    )
    await visit(
      '/field?lang=en',
      async (page) => {
        await page.getByRole('heading', { level: 1 }).waitFor()
        await faultless(page, `field ${size}`)
      },
      options,
    )
  })
})
