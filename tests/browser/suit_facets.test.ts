import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { address, drawn, PHONE, useBrowser, visit, WIDE } from './browser'
import { AXE_MS, faultless } from './looks'

interface Count {
  code: string
  count: number
  total: number
}
interface Answer {
  counts: { matched: number }
  results: { code: string; gates: { about: string; evidence?: string | null; observed_at?: string | null }[] }[]
  facets: Record<string, { attribute: string; unknown: number; counts?: Count[]; yes?: number }[]>
}

const NEEDS = [
  { attribute: 'area', min: 30, unit: 'mu' },
  { attribute: 'planned_use', any_of: ['100102'] },
]
const REQUIREMENT = {
  name: 'Plot of 30 mu',
  seeks: ['parcel'],
  needs: NEEDS,
  wishes: [{ attribute: 'power_capacity', worst: 500, best: 8000, weight: 30 }],
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

const counted = (answer: Answer, attribute: string) =>
  answer.facets['parcels']?.find((one) => one.attribute === attribute)

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

/** The number beside a code, without that of all. */
async function besideCode(page: Page, attribute: string, code: string): Promise<number> {
  const row = page.locator(`[data-counts=${attribute}] label`).filter({ has: page.locator(`input[value="${code}"]`) })
  return Number.parseInt(await row.locator('.count').innerText())
}

describe('counts beside needs', () => {
  it('are what would fit if just that value were asked', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const counts = counted(await ask(REQUIREMENT), 'planned_use')?.counts ?? []
      const leaf = counts.filter((one) => /^1001..$/.test(one.code) && one.count > 0)
      expect(leaf.length).toBeGreaterThan(1)
      for (const { code, count } of leaf) {
        expect(await besideCode(page, 'planned_use', code), code).toBe(count)
        const just = { ...REQUIREMENT, needs: [NEEDS[0], { attribute: 'planned_use', any_of: [code] }] }
        expect((await ask(just)).counts.matched, code).toBe(count)
      }
      const branch = await ask({ ...REQUIREMENT, needs: [NEEDS[0], { attribute: 'planned_use', any_of: ['1001'] }] })
      expect(await besideCode(page, 'planned_use', '1001')).toBe(branch.counts.matched)
    }))

  it('add and remove a code by click and by keyboard, keep the focus, and are one step back', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const before = (await ask(REQUIREMENT)).counts.matched
      const both = { ...REQUIREMENT, needs: [NEEDS[0], { attribute: 'planned_use', any_of: ['100102', '100101'] }] }
      const after = (await ask(both)).counts.matched
      expect(after).toBeGreaterThan(before)
      const box = page.locator('[data-counts=planned_use] input[value="100101"]')
      await box.focus()
      await page.keyboard.press('Space')
      await settled(page, after)
      expect(await box.evaluate((input) => input === document.activeElement)).toBe(true)
      expect(await besideCode(page, 'planned_use', '100101')).toBe(after - before)
      await page.keyboard.press('Space')
      await settled(page, before)
      await page.goBack()
      await settled(page, after)
    }))

  it('stand over numbers as bars whose handles are the bounds, in the unit that was asked', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const low = page.getByRole('slider', { name: 'Area, at least' })
      const asked = page.waitForRequest('**/api/v1/suitability')
      await low.focus()
      await page.keyboard.press('ArrowRight')
      const { needs } = (await asked).postDataJSON() as { needs: { min: number; unit: string }[] }
      expect(needs[0]?.unit).toBe('mu')
      expect(needs[0]?.min).toBeGreaterThan(30)
      expect(needs[0]?.min).toBeLessThan(300)
      await settled(page)
      expect(await page.getByRole('textbox', { name: 'Area, at least' }).inputValue()).toBe(String(needs[0]?.min))
    }))

  it('turn a value of which nothing was asked into a need', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const answer = await ask(REQUIREMENT)
      const [most] = [...(counted(answer, 'supply_mode')?.counts ?? [])].sort((a, b) => b.count - a.count)
      expect(most?.count).toBeGreaterThan(0)
      await page.locator('[data-narrow] > summary').press('Enter')
      await page.locator('[data-facet=supply_mode] summary').press('Enter')
      const promised = await besideCode(page, 'supply_mode', most?.code ?? '')
      await page.locator(`[data-facet=supply_mode] input[value="${most?.code}"]`).press('Space')
      await settled(page, promised)
      const asked = { ...REQUIREMENT, needs: [...NEEDS, { attribute: 'supply_mode', any_of: [most?.code] }] }
      expect((await ask(asked)).counts.matched).toBe(promised)
      expect(await page.locator('[data-facet=supply_mode]').count()).toBe(0)
      const now = await page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value)
      expect(now).toBe(most?.code)
      const yes = counted(await ask(REQUIREMENT), 'is_standard_land')?.yes ?? 0
      expect(yes).toBeGreaterThan(0)
      await page.goBack()
      await settled(page, answer.counts.matched)
      await page.locator('[data-facet=is_standard_land] summary').click()
      await page.locator('[data-facet=is_standard_land] button').first().click()
      await settled(page, yes)
    }))

  it('leave room for a value that nothing has', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const used = new Set(counted(await ask(REQUIREMENT), 'planned_use')?.counts?.map((one) => one.code))
      const others = page.getByLabel('Planned use: another value')
      const codes = await others
        .locator('option')
        .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))
      const unused = codes.find((code) => code.length === 6 && !used.has(code))
      expect(unused).toBeDefined()
      const asked = page.waitForRequest('**/api/v1/suitability')
      await others.selectOption(unused ?? '')
      const { needs } = (await asked).postDataJSON() as { needs: { any_of?: string[] }[] }
      expect(needs[1]?.any_of).toEqual(['100102', unused])
      await page.locator(`[data-counts=planned_use] input[value="${unused}"]:checked`).waitFor()
    }))

  it.each([
    ['zh', '符合 / 全部', '进一步缩小范围'],
    ['en', 'fit / all', 'Narrow further'],
    ['de', 'passen / alle', 'Weiter eingrenzen'],
  ])('read in %s', (lang, head, narrow) =>
    visit(`/desk/suit?lang=${lang}`, async (page) => {
      await give(page, REQUIREMENT)
      await page.locator('[data-counts=planned_use]').getByText(head).waitFor()
      await page.getByText(narrow).waitFor()
    }),
  )
})

describe('the phone', () => {
  it('says beside the list how many fit while the requirement is in view', () =>
    visit(
      '/desk/suit?lang=en',
      async (page) => {
        await settled(page)
        const all = Number(await page.getAttribute('[data-matched]', 'data-matched'))
        await page.locator('.switch label', { hasText: 'Requirement' }).click()
        await page.locator('.switch label', { hasText: 'Suitable' }).getByText(String(all)).waitFor()
        await page.locator('[data-narrow] > summary').click()
        await page.locator('[data-facet=status] summary').click()
        await page.locator('[data-facet=status] input:not([disabled])').first().click()
        await page.locator('[data-counts=status] .on').waitFor()
        await page.waitForFunction(
          (n) => !document.querySelector('.switch .count')?.textContent?.includes(String(n)),
          all,
        )
        expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
      },
      { viewport: PHONE },
    ))
})

describe('reasons', () => {
  it('tell evidence and age of what a need rests on, in the row and side by side', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      const { results } = await ask(REQUIREMENT)
      const source = (place: number) => results[place]?.gates.find((one) => one.about === 'planned_use')
      const [first, second] = results
      expect(source(0)?.evidence).toBeTruthy()
      await page.locator(`[data-code="${first?.code}"] .why`).click()
      const told = page.locator(`[data-code="${first?.code}"] tr`).filter({ hasText: 'Planned use' }).locator('small')
      expect((await told.innerText()).toLowerCase()).toContain(source(0)?.evidence ?? '-')
      for (const one of [first, second]) await page.getByLabel(`Compare ${one?.code}`).check()
      await page.getByRole('tab', { name: /^Compare/ }).click()
      const cells = page.locator('#answer tbody tr').filter({ hasText: 'Planned use' }).locator('td')
      for (const place of [0, 1])
        expect((await cells.nth(place).innerText()).toLowerCase()).toContain(source(place)?.evidence ?? '-')
    }))
})

describe('what stands side by side', () => {
  it('marks what a scenario asks otherwise and how places differ, and names the copy', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await page.getByRole('button', { name: 'Copy as a new scenario' }).first().click()
      await page.getByRole('button', { name: 'Plot of 30 mu 2', pressed: true }).waitFor()
      const min = page.getByRole('textbox', { name: 'Area, at least' })
      await min.fill('60')
      await min.press('Enter')
      await page.getByRole('button', { name: 'Remove: Planned use' }).click()
      await page.getByRole('tab', { name: /^Scenarios/ }).click()
      const other = page.locator('article:not(.now)')
      await other.locator('ol').waitFor()
      await page.locator('article.now ol').waitFor()
      expect(await page.locator('article.now .differs').count()).toBe(0)
      const marked = await other.locator('.differs').allInnerTexts()
      expect(marked.some((text) => text.includes('Area') && text.includes('30'))).toBe(true)
      expect(marked.some((text) => text.includes('Planned use'))).toBe(true)
      const [few, many] = [
        await ask({ ...REQUIREMENT, needs: [{ attribute: 'area', min: 60, unit: 'mu' }] }),
        await ask(REQUIREMENT),
      ]
      const now = few.results.map((one) => one.code)
      for (const [place, { code }] of many.results.slice(0, 5).entries()) {
        const move = other.locator('ol li', { hasText: code }).locator('[data-move]')
        const told = (await move.count()) > 0 ? await move.getAttribute('data-move') : null
        const old = now.indexOf(code)
        expect(told, code).toBe(old < 0 ? 'new' : old === place ? null : String(old - place))
      }
    }))

  it('keeps the focus in the answer when an offer is taken by keyboard', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, { ...REQUIREMENT, needs: [...NEEDS, { attribute: 'area', max: 31, unit: 'mu' }] })
      await page.getByRole('tab', { name: 'Near misses' }).click()
      const offer = page.locator('[data-relax]').first()
      await offer.focus()
      await page.keyboard.press('Enter')
      await settled(page)
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('tabpanel')
    }))

  it('does not let the page itself scroll', () =>
    visit('/desk/suit?lang=de', async (page) => {
      await give(page, REQUIREMENT)
      expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0)
    }))
})

describe('paper', () => {
  const WORDS = {
    zh: { north: '上方为北', scale: /比例尺 1 : [\d,]+/, code: '同一页面（实时）' },
    en: { north: 'North is up', scale: /Scale 1 : [\d,]+/, code: 'The same page, live' },
    de: { north: 'Norden ist oben', scale: /Maßstab 1 : [\d.]+/, code: 'Dieselbe Seite, aktuell' },
  }

  it.each(['zh', 'en', 'de'] as const)('the shortlist has scale, north, legend, date, source and code, %s', (lang) =>
    visit(`/shortlist?codes=P-0018,P-0262&lang=${lang}`, async (page) => {
      const map = page.locator('[data-paper-map]')
      await map.getByRole('img', { name: WORDS[lang].north }).waitFor()
      await drawn(page)
      await map.getByText(WORDS[lang].scale).waitFor()
      const bar = map.locator('.bar')
      const ground =
        Number((await bar.innerText()).replace(/[^\d]/g, '')) * (/km/.test(await bar.innerText()) ? 1000 : 1)
      const width = await bar.evaluate((element) => element.getBoundingClientRect().width)
      const scale = Number((await map.getByText(WORDS[lang].scale).innerText()).split(':')[1]?.replace(/\D/g, ''))
      // A CSS pixel is 1/96 inch: the bar is as long on paper as the scale says, to a pixel.
      expect(Math.abs(width - (ground / scale / 0.0254) * 96)).toBeLessThan(1.5)
      expect(await map.locator('figcaption li').count()).toBeGreaterThan(0)
      expect(await map.locator('figcaption p').innerText()).toContain('OpenStreetMap')
      await page.getByRole('img', { name: WORDS[lang].code }).waitFor()
      expect(await page.locator('[data-shortlist] header').innerText()).toContain(String(new Date().getFullYear()))
    }),
  )

  it('the shortlist shows all of its places on a phone', () =>
    visit(
      '/shortlist?codes=P-0018,P-0262&lang=de',
      async (page) => {
        await drawn(page, 2)
        expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false)
      },
      { viewport: PHONE },
    ))

  it('the sheet has scale, north, legend, date, source and code', () =>
    visit('/desk/suit?lang=en', async (page) => {
      await give(page, REQUIREMENT)
      await page.getByRole('button', { name: 'Print sheet' }).click()
      const sheet = page.locator('[data-sheet]')
      await sheet.getByRole('img', { name: 'North is up' }).waitFor()
      await sheet.getByRole('img', { name: /^Scale bar/ }).waitFor()
      await sheet.getByText(/Data of revision \d+, \d+ \w+ \d{4}/).waitFor()
      await sheet.getByText(/^Sources: /).waitFor()
      await sheet.getByRole('img', { name: 'The same page, live' }).waitFor()
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1')
      expect(pdf).toMatch(/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/)
    }))
})

describe.each(Object.entries({ wide: WIDE, phone: PHONE }))('axe finds nothing, %s', (size, viewport) => {
  it.each(['light', 'dark'] as const)(
    '%s: counts, what can be narrowed, scenarios, comparison',
    (colorScheme) =>
      visit(
        '/desk/suit?lang=de',
        async (page) => {
          await settled(page)
          if (size === 'phone') await page.getByRole('radio', { name: 'Anforderung' }).check({ force: true })
          await page.locator('[data-narrow] > summary').click()
          for (const key of ['status', 'is_standard_land', 'area', 'planned_use'])
            await page.locator(`[data-facet=${key}] summary`).click()
          await faultless(page, `narrow ${size}`)
          await page.locator('[data-facet=status] input:not([disabled])').first().click()
          await page.locator('[data-list=needs] [data-counts=status] .on').waitFor()
          await faultless(page, `counts ${size}`)
          await page.getByRole('button', { name: 'Als neue Variante kopieren' }).first().click()
          await page
            .getByRole('button', { name: /^Entfernen: / })
            .first()
            .click()
          if (size === 'phone') await page.getByRole('radio', { name: /Geeignet/ }).check({ force: true })
          await settled(page)
          for (const box of [0, 1]) await page.locator('#answer label.compare input').nth(box).check()
          await page.getByRole('tab').nth(3).click()
          await faultless(page, `comparison ${size}`)
          await page.getByRole('tab').nth(4).click()
          await page.locator('article ol').nth(1).waitFor()
          await faultless(page, `scenarios ${size}`)
        },
        { viewport, colorScheme },
      ),
    AXE_MS,
  )
})
