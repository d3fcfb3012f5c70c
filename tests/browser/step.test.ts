/** A surveyor said a state that the record cannot reach any more: the reviewer reads why, keeps the present state and approves the rest. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { PHONE, useBrowser, WIDE } from './browser'
import { launch, Person, type Campaign } from './campaign'
import { asStaff, shoot } from './desk'

useBrowser()

interface Parcel {
  properties: Record<string, unknown> & { version: number }
}

let staff: Person
let campaign: Campaign
let code: string
const seen = { visit: randomUUID(), edit: randomUUID(), device: randomUUID() }

const parcel = () => staff.ok<Parcel>('GET', `/api/v1/carriers/${code}`)

async function sent(who: Person, edit: object): Promise<string> {
  const answer = await who.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits: [edit] })
  return answer.receipts[0]?.outcome ?? 'none'
}

beforeAll(async () => {
  const steward = await Person.logIn('test-steward')
  const surveyor = await Person.logIn('test-surveyor')
  staff = await Person.logIn('test-staff')
  campaign = await launch(steward)
  const target = campaign.targets.at(-1)
  if (!target) throw new Error('the campaign has no target')
  code = target.code
  const base = { collection: 'parcels', record: target.record, evidence: 'seen' }
  const { version } = (await parcel()).properties
  const edit = {
    ...base,
    id: seen.edit,
    base_version: version,
    set: { status: 'LISTED', constraints: 'a heap of earth' },
    field: { device: seen.device, counter: 1, visit: seen.visit },
  }
  expect(await sent(surveyor, edit)).toBe('proposed')
  const told = {
    id: seen.visit,
    campaign: campaign.id,
    record: target.record,
    base_version: version,
    outcome: 'changed',
    observed_at: new Date().toISOString(),
    device: seen.device,
    counter: 2,
    position: { lon: target.point[0], lat: target.point[1], accuracy_m: 5 },
    edits: [seen.edit],
  }
  await surveyor.ok('POST', '/api/v1/visits', { visits: [told] })
  // Meanwhile it is listed and awarded.
  const award = {
    status: 'SUPPLIED',
    transferee: 'Example GmbH',
    supply_contract: '2026-9',
    supplied_on: '2026-11-20',
    construction_due: '2027-11-20',
  }
  for (const set of [{ status: 'LISTED', listing_number: '2026-17' }, award])
    expect(['applied', 'merged']).toContain(await sent(steward, { ...base, id: randomUUID(), set }))
})

const WORDS = {
  en: { approve: 'Approve', told: /No step leads from “.+” to “.+”, only to: .+, .+\. It still waits/ },
  de: { approve: 'Genehmigen', told: /Von „.+“ führt kein Schritt zu „.+“, nur zu: .+, .+\. Es wartet weiter/ },
  zh: { approve: '通过', told: /“.+”不能变为“.+”，只能变为：.+。仍待决定/ },
} as const

describe('a state that cannot be reached', () => {
  it.each([
    ['en', 'wide', WIDE],
    ['de', 'phone', PHONE],
    ['zh', 'phone', PHONE],
  ] as const)('is refused in words and waits on, %s, %s', async (lang, size, viewport) => {
    await asStaff(
      `/desk/campaigns/${campaign.id}?lang=${lang}&tab=review&visit=${seen.visit}`,
      async (page) => {
        const card = page.locator(`[data-visit="${seen.visit}"]`)
        await card.getByRole('button', { name: WORDS[lang].approve }).click()
        const told = page.getByText(WORDS[lang].told)
        await told.waitFor()
        // States by their names, not by their codes.
        expect(await told.textContent()).not.toMatch(/SUPPLIED|LISTED|RECALLED/)
        await shoot(page, `no-step-${lang}-${size}`)
        expect(await card.count()).toBe(1)
        const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
        expect(await page.evaluate(isWide), 'the page is not wider than the screen').toBe(false)
      },
      { viewport },
    )
  })

  it('is left out in the inbox, and the rest approved', async () => {
    await asStaff(`/desk/inbox?lang=en&visit=${seen.visit}`, async (page) => {
      const card = page.locator(`[data-item="${seen.edit}"]`)
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await page.getByText(WORDS.en.told).waitFor()
      await card.locator('[data-field="status"]').getByLabel('In the inventory').check()
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await card.waitFor({ state: 'detached' })
    })
    await asStaff(`/desk/campaigns/${campaign.id}?lang=en&tab=review&visit=${seen.visit}`, async (page) => {
      const card = page.locator(`[data-visit="${seen.visit}"]`)
      await card.getByRole('button', { name: 'Approve' }).click()
      await card.waitFor({ state: 'detached' })
    })
    const now = (await parcel()).properties
    expect([now['status'], now['constraints']]).toEqual(['SUPPLIED', 'a heap of earth'])
  })
})
