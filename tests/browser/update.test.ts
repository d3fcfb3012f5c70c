import { describe, expect, it } from 'vitest'
import { drawn, getJson, listed, logIn, open, PHONE, useBrowser, visit } from './browser'
import { launch, Person } from './campaign'
import { PASSWORD } from './server'

interface Catalogue {
  lifecycles: Record<string, { states: { code: string; names: { en: string } }[] }>
}

useBrowser()

describe('people', () => {
  it('are told when name or password is wrong', () =>
    visit('/?lang=en', async (page) => {
      await listed(page)
      await page.getByRole('button', { name: 'Log in' }).first().click()
      await page.getByLabel('Name', { exact: true }).fill('nobody')
      await page.getByLabel('Password').fill('wrong')
      await page.locator('form button.primary').click()
      await page.getByText('Name or password is wrong.').waitFor()
    }))

  it('see their role, and log out', () =>
    visit('/?lang=en', async (page) => {
      await listed(page)
      await logIn(page, 'test-staff', PASSWORD)
      await page.getByText('Investment staff').waitFor()
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByRole('button', { name: 'Log in' }).first().waitFor()
    }))

  it('find no way to update without an account', () =>
    visit('/?lang=en', async (page) => {
      await listed(page)
      await page.locator('#list a').first().click()
      await page.waitForURL(/\/c\//)
      await page.locator('[data-attribute]').first().waitFor()
      expect(await page.getByRole('button', { name: 'Update' }).count()).toBe(0)
    }))
})

describe('a surveyor on a phone', () => {
  it('changes a status by an allowed step, and others see it at once', async () => {
    // On the ground of a campaign: elsewhere surveyors see what the public sees.
    await launch(await Person.logIn('test-steward'))
    const field = await open('/?lang=en&collection=units', { viewport: PHONE })
    await listed(field.page)
    await logIn(field.page, 'test-surveyor', PASSWORD)
    const menu = field.page.getByRole('dialog').getByRole('button', { name: 'Close' })
    if (await menu.isVisible()) await menu.click()
    const code = await pickOne(field.page)
    const publicView = await open(`/c/${code}?lang=en`)
    const before = await publicView.page.locator('[data-status]').getAttribute('data-status')
    await field.page.goto(new URL(`/c/${code}?lang=en#edit`, field.page.url()).href)
    const choice = field.page.locator('[data-to]').first()
    await choice.waitFor()
    const size = await choice.boundingBox()
    expect(size?.height).toBeGreaterThanOrEqual(44)
    const to = await choice.getAttribute('data-to')
    await choice.click()
    for (const input of await field.page.locator('[data-edit] input[type=date]').all()) {
      if (!(await input.inputValue())) await input.fill('2027-06-30')
    }
    await field.page.getByRole('button', { name: 'Save', exact: true }).click()
    await field.page.locator('[data-receipt=applied]').waitFor()
    expect(to).not.toBe(before)
    await publicView.page.locator(`[data-status="${to}"]`).waitFor()
    const { lifecycles } = await getJson<Catalogue>('/api/v1/catalogue')
    const name = lifecycles['units']?.states.find((one) => one.code === to)?.names.en ?? ''
    await publicView.page.locator('.status', { hasText: name }).waitFor()
    expect([...field.faults, ...publicView.faults]).toEqual([])
    await field.close()
    await publicView.close()
  })
})

/** The first unit from whose state a surveyor may go somewhere. */
async function pickOne(page: Awaited<ReturnType<typeof open>>['page']): Promise<string> {
  await page.locator('#list [data-code]').first().waitFor()
  const codes = await page
    .locator('#list [data-code]')
    .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-code')))
  const found = await page.evaluate(async (all) => {
    for (const code of all) {
      const one = (await (await fetch(`/api/v1/carriers/${code}`)).json()) as {
        allowed_transitions?: { needs: string[] }[] | null
      }
      if (one.allowed_transitions?.[0] && one.allowed_transitions[0].needs.length === 0) return code
    }
    return null
  }, codes)
  if (!found) throw new Error('no unit with an allowed transition')
  return found
}

describe('a page of a carrier', () => {
  it('holds its values, its map and what belongs to it', async () => {
    const found = await getJson<{ features: { properties: { code: string } }[] }>(
      '/api/v1/search?collection=buildings&limit=1&geometry=none',
    )
    const code = found.features[0]?.properties.code ?? ''
    await visit(`/c/${code}?lang=de`, async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(await page.locator('[data-attribute]').count()).toBeGreaterThan(3)
      await drawn(page)
      await page.getByText('Gehört zu').waitFor()
    })
  })

  it('says when a code does not exist', () =>
    visit('/c/P-99999999?lang=en', async (page) => {
      await page.getByText('There is no carrier with the code P-99999999.').waitFor()
    }))
})
