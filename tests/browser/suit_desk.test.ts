import type { Page } from 'playwright-core'
import readWorkbook from 'read-excel-file/node'
import { describe, expect, it } from 'vitest'
import { PHONE, useBrowser, visit, WIDE } from './browser'
import { AXE_MS, faultless } from './looks'

useBrowser()

const SIZES = { wide: WIDE, phone: PHONE }

async function asStaff(page: Page) {
  const status = await page.evaluate(async () => {
    const response = await fetch('/api/v1/session', {
      method: 'POST',
      headers: { 'X-Zaiti': '1', 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'staff', password: 'demo-staff-2027' }),
    })
    return response.status
  })
  expect(status).toBe(200)
  await page.reload()
}

async function settled(page: Page) {
  await page.waitForSelector('[data-matched]')
  await page.waitForSelector('#answer [role=tabpanel][aria-busy="false"]')
}

async function give(page: Page, requirement: object) {
  await settled(page)
  await page.getByRole('radio', { name: 'Text' }).check({ force: true })
  const asked = page.waitForResponse('**/api/v1/suitability')
  await page.locator('#requirement textarea').fill(JSON.stringify(requirement))
  await page.locator('#requirement textarea').blur()
  await asked
  await page.getByRole('radio', { name: 'Form' }).check({ force: true })
  await settled(page)
}

async function keptSilicone(page: Page) {
  await settled(page)
  await page.getByRole('button', { name: 'Kept requirements' }).click()
  const row = page.locator('[data-saved] > li').filter({ hasText: 'Medical silicone' })
  await row.locator('.name').click()
  await row
    .getByRole('button', { name: /Answer of revision/ })
    .first()
    .click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await settled(page)
}

describe('requirements are kept', () => {
  it('opens the answer as it was told, with parcels together among single ones, and asks anew after a change', async () => {
    await visit('/desk/suit?lang=en', async (page) => {
      await asStaff(page)
      await keptSilicone(page)
      await page.getByText(/Answer as told at revision/).waitFor()
      const together = page.locator('[data-code]').filter({ has: page.locator('.together') })
      expect(await together.first().getAttribute('data-code')).toMatch(/^P-\d{4}\+P-\d{4}/)
      await together.first().getByText('Best of all').waitFor()
      await together.first().locator('.why').click()
      const asked = page.waitForResponse('**/api/v1/suitability')
      await page.getByLabel('Weight of Power capacity').last().fill('60')
      await page.getByLabel('Weight of Power capacity').last().blur()
      await asked
      await page.getByText(/Answer as told at revision/).waitFor({ state: 'detached' })
    })
  })

  it('keeps what is asked, with who and when; those without an account are told to log in', async () => {
    await visit('/desk/suit?lang=en', async (page) => {
      await settled(page)
      await page.getByRole('button', { name: 'Kept requirements' }).click()
      await page.getByText('Log in to see them').waitFor()
      await asStaff(page)
      await give(page, {
        name: 'Kept by a test',
        seeks: ['parcel'],
        needs: [{ attribute: 'area', min: 50, unit: 'mu' }],
      })
      await page.getByRole('button', { name: 'Kept requirements' }).click()
      await page.getByRole('button', { name: /Keep “Kept by a test”/ }).click()
      await page.getByText('Kept with the answer of revision').waitFor()
      const row = page.locator('[data-saved] > li').filter({ hasText: 'Kept by a test' }).first()
      expect(await row.textContent()).toContain('staff')
    })
  })
})

describe('the form says all that the document can', () => {
  it('weighs by comparing two at a time and says when answers contradict each other', async () => {
    await visit('/desk/suit?lang=en', async (page) => {
      const wish = (attribute: string) => ({
        attribute,
        worst: 0,
        best: 5000,
        weight: 10,
      })
      const wishes = [wish('area'), wish('power_capacity'), { ...wish('price'), worst: 900, best: 100 }]
      await give(page, { seeks: ['parcel'], wishes })
      await page.getByLabel('Weigh by comparing two at a time').check()
      await page.getByText('The answers agree').waitFor()
      const pairs = page.locator('[data-pairwise] select')
      await pairs.nth(0).selectOption('9')
      await pairs.nth(1).selectOption('1/9')
      await pairs.nth(2).selectOption('9')
      await page.getByText('contradict each other').waitFor()
      expect(await page.locator('[data-card] .weight:visible').count()).toBe(0)
    })
  })

  it('shapes curves, sets a floor, two halls with a court, and parcels together', async () => {
    await visit('/desk/suit?lang=en', async (page) => {
      await give(page, {
        seeks: ['parcel'],
        needs: [{ fits: { width_m: 100, depth_m: 50 } }, { attribute: 'area', min: 60, max: 90, unit: 'mu' }],
        wishes: [{ attribute: 'area', worst: 30, best: 120, unit: 'mu', weight: 10 }],
      })
      const last = async () => {
        const request = await page.waitForRequest('**/api/v1/suitability')
        return request.postDataJSON() as {
          wishes: object[]
          needs: object[]
          assemble?: object
        }
      }
      let asked = last()
      await page
        .getByLabel('Plot area: how a value becomes points')
        .or(page.getByLabel(/how a value becomes points/))
        .first()
        .selectOption('near')
      expect((await asked).wishes[0]).toMatchObject({
        target: 75,
        tolerance: 45,
      })
      asked = last()
      await page
        .getByLabel(/: out if worse than/)
        .first()
        .fill('20')
      await page
        .getByLabel(/: out if worse than/)
        .first()
        .blur()
      expect((await asked).wishes[0]).toMatchObject({ veto: 20 })
      asked = last()
      await page.getByRole('radio', { name: 'Two halls' }).check({ force: true })
      expect((await asked).needs[0]).toMatchObject({
        fits: { halls: 2, court_m: 35 },
      })
      asked = last()
      await page.getByLabel('Neighbouring parcels may answer together').check()
      expect((await asked).assemble).toEqual({ max_parcels: 3, gap_m: 0 })
    })
  })
})

describe('what leaves the desk', () => {
  it('is a workbook with numbers as numbers', async () => {
    await visit('/desk/suit?lang=en', async (page) => {
      await asStaff(page)
      await keptSilicone(page)
      const coming = page.waitForEvent('download')
      await page.getByRole('button', { name: 'List for Excel' }).click()
      const path = await (await coming).path()
      const sheets = (await readWorkbook(path)) as unknown as {
        sheet: string
        data: unknown[][]
      }[]
      expect(sheets.map((one) => one.sheet)).toEqual(['Suitable', 'Almost', 'Unknown', 'Requirement'])
      const [head, first] = sheets[0]?.data ?? []
      expect(head?.[1]).toBe('Code')
      expect(typeof first?.[4]).toBe('number')
      expect(String(first?.[1])).toMatch(/^P-\d{4}/)
    })
  })

  it('is a short link to a page that shows each reader what they may see', async () => {
    let link = ''
    await visit('/desk/suit?lang=en', async (page) => {
      await asStaff(page)
      await keptSilicone(page)
      link = (await page.getByRole('link', { name: 'Shareable shortlist' }).getAttribute('href')) ?? ''
      expect(link).toMatch(/^\/shortlist\?codes=P-[^&]+&kept=[0-9a-f-]{36}@\d+&lang=en$/)
      await page.getByRole('link', { name: 'Shareable shortlist' }).click()
      await page.locator('[data-reasons] article').first().waitFor()
    })
    await visit(link, async (page) => {
      await page.locator('[data-shortlist] ol > li').first().waitFor()
      expect(await page.locator('[data-reasons]').count()).toBe(0)
      const pdf = await page.pdf({
        preferCSSPageSize: true,
        printBackground: true,
      })
      const text = pdf.toString('latin1')
      // A4 is 595 x 842 points.
      expect(text).toMatch(/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/)
    })
  })

  it.each(['zh', 'en', 'de'])('reads in %s', async (lang) => {
    await visit(`/shortlist?codes=P-0018,P-0262,P-9999&lang=${lang}`, async (page) => {
      await page.locator('[data-shortlist] ol > li').nth(1).waitFor()
      expect(await page.locator('.gone').textContent()).toContain('P-9999')
      const { headings } = {
        headings: { zh: '备选', en: 'Shortlist', de: 'Merkliste' },
      }
      expect(await page.locator('h1').textContent()).toContain(headings[lang as keyof typeof headings])
    })
  })
})

describe.each(Object.entries(SIZES))('axe finds nothing, %s', (size, viewport) => {
  it.each(['light', 'dark'] as const)(
    '%s: kept requirements, form, shortlist',
    async (colorScheme) => {
      const options = { viewport, colorScheme }
      await visit(
        '/desk/suit?lang=de',
        async (page) => {
          await asStaff(page)
          await settled(page)
          if (size === 'phone') await page.getByRole('radio', { name: 'Anforderung' }).check({ force: true })
          await page.getByRole('button', { name: 'Gemerkte Anforderungen' }).click()
          await page.locator('[data-saved] .name').first().click()
          await page.locator('.runs').waitFor()
          await faultless(page, `kept ${size}`)
          await page.locator('.runs .button').first().click()
          await page.locator('[data-card]').first().waitFor()
          await faultless(page, `form ${size}`)
        },
        options,
      )
      await visit(
        '/shortlist?codes=P-0018,P-0262&lang=zh',
        async (page) => {
          await page.locator('[data-shortlist] ol > li').nth(1).waitFor()
          await faultless(page, `shortlist ${size}`)
        },
        options,
      )
    },
    AXE_MS,
  )
})
