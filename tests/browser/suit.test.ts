import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { address, drawn, open, PHONE, useBrowser, visit, WIDE } from './browser'
import { AXE_MS, faultless } from './looks'

interface Answer {
  counts: {
    matched: number
    unknown: number
    near_misses: number
    sought: number
  }
  results: { code: string; score: number; points: { points: number }[] }[]
  near_misses: { code: string }[]
  relaxations?: {
    gate: string
    member?: string
    to?: unknown
    adds: number
    without?: boolean
  }[]
}

/** Parcels of a size, by size and price: enough of everything for each view. */
const REQUIREMENT = {
  name: 'Plot of 30 mu',
  seeks: ['parcel'],
  needs: [{ attribute: 'area', min: 30, unit: 'mu' }, { available_by: '2027-08-31' }],
  wishes: [
    { attribute: 'area', worst: 30, best: 120, unit: 'mu', weight: 40 },
    { attribute: 'power_capacity', worst: 500, best: 8000, weight: 30 },
  ],
}

useBrowser()

async function ask(requirement: object): Promise<Answer> {
  const answer = await fetch(address('/api/v1/suitability'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Zaiti': '1' },
    body: JSON.stringify({ limit: 50, ...requirement }),
  })
  expect(answer.ok, `suitability answered ${answer.status}`).toBe(true)
  return (await answer.json()) as Answer
}

async function settled(page: Page, matched?: number) {
  await page.waitForSelector(matched === undefined ? '[data-matched]' : `[data-matched="${matched}"]`)
  await page.waitForSelector('#answer [role=tabpanel][aria-busy="false"]')
}

/** Types the requirement as text, as somebody would who was sent one. */
async function give(page: Page, requirement: object) {
  await settled(page)
  await page.locator('#requirement fieldset label').nth(1).click()
  await page.locator('#requirement textarea').fill(JSON.stringify(requirement))
  await settled(page, (await ask(requirement)).counts.matched)
  await page.locator('#requirement fieldset label').first().click()
}

const codes = (page: Page) =>
  page.locator('#answer [data-code]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-code')))

describe.each(['light', 'dark'] as const)('axe finds nothing, %s', (colorScheme) => {
  it('wide: every view of the answer, the text, the sheet', { timeout: AXE_MS }, () =>
    visit(
      '/desk/suit?lang=de',
      async (page) => {
        await give(page, REQUIREMENT)
        await page.waitForSelector('[data-map=ready]')
        await page.locator('#answer [data-code] button').first().click()
        for (const box of [0, 1]) await page.locator('#answer label.compare input').nth(box).check()
        for (const tab of [0, 1, 2, 3, 4]) {
          await page.getByRole('tab').nth(tab).click()
          if (tab === 4) await page.locator('article ol').waitFor()
          await faultless(page, `view ${tab}`)
        }
        await page.locator('#requirement fieldset label').nth(1).click()
        await faultless(page, 'text')
        await page.getByRole('button', { name: 'Druckblatt' }).click()
        await page.waitForSelector('[data-sheet] svg[role=img]')
        await faultless(page, 'sheet')
      },
      { viewport: WIDE, colorScheme },
    ),
  )

  it('phone: one pane at a time, and none is wider than the screen', { timeout: AXE_MS }, () =>
    visit(
      '/desk/suit?lang=en',
      async (page) => {
        await settled(page)
        for (const name of ['Requirement', 'Suitable', 'Map']) {
          await page.locator('.switch label', { hasText: name }).click()
          if (name === 'Map') await page.waitForSelector('[data-map=ready]')
          await faultless(page, name)
          expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), name).toBe(false)
        }
        expect(await page.locator('#requirement, #answer').count()).toBe(0)
      },
      { viewport: PHONE, colorScheme },
    ),
  )
})

describe('the ranked list', () => {
  it('is the order that the server gives, with its points', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const answer = await ask(REQUIREMENT)
      expect(await codes(page)).toEqual(answer.results.map((one) => one.code))
      const score = await page.locator('#answer [data-code] .score').first().innerText()
      expect(Number.parseFloat(score)).toBeCloseTo(answer.results[0]?.score ?? 0, 0)
      const parts = await page.locator('#answer [data-code] [role=img]').first().getAttribute('aria-label')
      expect(parts).toContain('Power capacity')
      expect(await drawn(page)).toBeGreaterThan(0)
    }))

  it('shows what moved when a weight changes, and says so', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await page.reload()
      await settled(page)
      expect(await page.locator('[data-move]').count()).toBe(0)
      const before = await codes(page)
      const changed = structuredClone(REQUIREMENT)
      if (changed.wishes[1]) changed.wishes[1].weight = 90
      const after = (await ask(changed)).results.map((one) => one.code)
      const slider = page.getByRole('slider', { name: /Power capacity/ })
      await slider.fill('90')
      await page.waitForSelector(`#answer [data-code="${after[0]}"]`)
      await page.locator('[data-move]').first().waitFor()
      expect(await codes(page)).toEqual(after)
      for (const [place, code] of after.slice(0, 8).entries()) {
        const moved = await page
          .locator(`[data-code="${code}"]`)
          .locator('[data-move]')
          .getAttribute('data-move', { timeout: 500 })
          .catch(() => null)
        const old = before.indexOf(code)
        expect(moved, code).toBe(old < 0 ? 'new' : old === place ? null : String(old - place))
      }
      await page.locator('[role=status]', { hasText: 'changed place' }).waitFor({ state: 'attached' })
      expect(page.url()).toContain('#r=1.')
    }))

  it('admits exactly what a near miss promised, in one click', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const { counts } = await ask(REQUIREMENT)
      await page.getByRole('tab', { name: 'Near misses' }).click()
      expect(await page.locator('#answer [data-code]').count()).toBeGreaterThan(0)
      const offer = page.locator('[data-relax]').first()
      const adds = Number(await offer.getAttribute('data-adds'))
      expect(adds).toBeGreaterThan(0)
      await offer.click()
      await settled(page, counts.matched + adds)
      await page.goBack()
      await settled(page, counts.matched)
    }))

  it('keeps the last good list while the document is wrong, and names the place', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const before = await codes(page)
      await page.locator('#requirement fieldset label').nth(1).click()
      const wrong = {
        ...REQUIREMENT,
        needs: [{ attribute: 'no_such_thing', min: 1 }],
      }
      await page.locator('#requirement textarea').fill(JSON.stringify(wrong))
      await page.getByText('needs[0].attribute').first().waitFor()
      await page.locator('#requirement textarea').fill('{ "needs": [')
      await page.getByText(/Not readable as JSON/).waitFor()
      expect(await codes(page)).toEqual(before)
    }))
})

describe('the form', () => {
  it('adds a need and a wish from the catalogue', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await settled(page)
      await page.getByLabel('Add a need').first().selectOption({ label: 'Area' })
      await page.getByRole('button', { name: 'Add a need' }).click()
      await page.getByRole('textbox', { name: 'Area, at least' }).fill('50')
      await page.getByRole('textbox', { name: 'Area, at least' }).press('Enter')
      await settled(
        page,
        (
          await ask({
            seeks: ['parcel'],
            needs: [{ attribute: 'area', min: 50, unit: 'mu' }],
          })
        ).counts.matched,
      )
      await page.getByLabel('Unit of Area').selectOption('ha')
      await page.waitForFunction(() =>
        document.querySelector<HTMLInputElement>('input.input[aria-label="Area, at least"]')?.value.startsWith('3.33'),
      )
      await page.getByLabel('Add a wish').first().selectOption({ label: 'Power capacity' })
      await page.getByRole('button', { name: 'Add a wish' }).click()
      await page.locator('#answer [data-code] .score').first().waitFor()
      const best = await page.getByLabel('Power capacity: full points at').inputValue()
      expect(Number(best)).toBeGreaterThan(Number(await page.getByLabel('Power capacity: no points at').inputValue()))
    }))

  it('begins from an example, and starts anew', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await settled(page)
      const all = await page.getAttribute('[data-matched]', 'data-matched')
      await page.getByRole('group', { name: 'Start with' }).getByRole('button', { name: 'Buildings' }).click()
      await page.locator('[data-list=wishes] [data-card]').nth(3).waitFor()
      await page.locator('#answer [data-code^="B-"]').first().waitFor()
      await page.getByRole('button', { name: 'Start anew' }).click()
      await settled(page, Number(all))
    }))
})

describe('the desk', () => {
  it('is restored from its address, in another language, on another device', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const { counts } = await ask(REQUIREMENT)
      await page.getByRole('button', { name: 'Deutsch' }).click()
      await page.getByRole('button', { name: `${counts.matched} passen` }).waitFor()
      const url = new URL(page.url())
      expect(url.search).toBe('?lang=de')
      const other = await open(url.pathname + url.search.replace('de', 'zh') + url.hash)
      await settled(other.page, counts.matched)
      await other.page.getByRole('button', { name: `${counts.matched} 个符合` }).waitFor()
      expect(await other.page.getByLabel('项目', { exact: true }).inputValue()).toBe(REQUIREMENT.name)
      expect(other.faults).toEqual([])
      await other.close()
    }))

  it('keeps scenarios side by side', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await page.getByRole('button', { name: 'Copy as a new scenario' }).first().click()
      await page.getByRole('textbox', { name: 'Area, at least' }).fill('60')
      await page.getByRole('textbox', { name: 'Area, at least' }).press('Enter')
      const narrow = structuredClone(REQUIREMENT)
      if (narrow.needs[0]) narrow.needs[0].min = 60
      const [wide, few] = [await ask(REQUIREMENT), await ask(narrow)]
      await settled(page, few.counts.matched)
      await page.getByRole('tab', { name: /^Scenarios/ }).click()
      await page.locator('article', { hasText: `${wide.counts.matched} fit` }).waitFor()
      await page.locator('article', { hasText: `${few.counts.matched} fit` }).waitFor()
      await page.reload()
      await settled(page, few.counts.matched)
      await page.locator('article').nth(1).waitFor()
    }))

  it('compares, marks differences, and says what is unknown', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const [first, second] = await codes(page)
      for (const box of [0, 1]) await page.locator('#answer label.compare input').nth(box).check()
      await page.getByRole('tab', { name: /^Compare/ }).click()
      const table = page.locator('#answer table')
      await table.getByText(first ?? '').waitFor()
      await table.getByText(second ?? '').waitFor()
      expect(await table.locator('tr.differs').count()).toBeGreaterThan(0)
      expect(page.url()).toContain(`compare=${first},${second}`)
      await page.getByLabel('Only differences').check()
      expect(await table.locator('tbody tr:not(.differs)').count()).toBe(1)
    }))

  it('is a journey by keyboard alone', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await page.getByRole('tabpanel').focus()
      const [first, second] = await codes(page)
      await page.keyboard.press('j')
      await page.keyboard.press('c')
      await page.keyboard.press('j')
      await page.keyboard.press('c')
      await page.keyboard.press('Enter')
      await page.locator(`[data-code="${second}"].picked`).waitFor()
      await page
        .locator(`[data-code="${second}"]`)
        .getByText(/^Before /)
        .waitFor()
      await page.keyboard.press('4')
      await page
        .locator('#answer table')
        .getByText(first ?? '')
        .waitFor()
      await page.keyboard.press('1')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.keyboard.press('r')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('requirement')
    }))

  it('points from a row at its mark, and from a mark at its row', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await drawn(page)
      await page.locator('#answer [data-code]').nth(1).hover()
      await page.locator('#answer [data-code].hot').waitFor()
      expect(await page.locator('#answer [data-code].hot').count()).toBe(1)
    }))

  it('prints a sheet with a map to scale and a code that leads back', () =>
    visit('/desk/suit?lang=zh', async (page) => {
      await give(page, REQUIREMENT)
      await page.getByRole('button', { name: '打印页' }).click()
      await drawn(page)
      await page.getByText(/比例尺 1 : [\d,]+/).waitFor()
      await page.locator('[data-sheet] svg[role=img][aria-label="扫码打开此页"]').waitFor()
      const pdf = await page.pdf({ preferCSSPageSize: true })
      expect(pdf.byteLength).toBeGreaterThan(50_000)
      await page.getByRole('button', { name: '返回工作台' }).click()
      await page.locator('#answer').waitFor()
    }))

  it('offers the list as a file', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const coming = page.waitForEvent('download')
      await page.getByRole('button', { name: 'List for Excel' }).click()
      const file = await coming
      expect(file.suggestedFilename()).toBe('Plot of 30 mu.xlsx')
    }))
})
