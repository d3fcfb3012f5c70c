/** A target is split while its campaign runs: the desk and the phone name what is visited in its place. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { PHONE, getJson, useBrowser, WIDE } from './browser'
import { launch, Person, readCampaign, type Campaign } from './campaign'
import { atDesk, shoot } from './desk'

useBrowser()

let campaign: Campaign
let parent: string
let heirs: string[]

beforeAll(async () => {
  const steward = await Person.logIn('test-steward')
  campaign = await launch(steward)
  const target = campaign.targets.at(-2)
  if (!target) throw new Error('the campaign has too few targets')
  parent = target.code
  const others = await getJson<{ features: { properties: { code: string } }[] }>(
    '/api/v1/search?collection=parcels&status=SUPPLIED&sort=code&limit=2',
  )
  heirs = others.features.map((one) => one.properties.code)
  const close = { reason: 'land office 2026-114', successors: heirs }
  const edit = { id: randomUUID(), collection: 'parcels', record: target.record, close }
  const { receipts } = await steward.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits: [edit] })
  expect(receipts[0]?.outcome).toBe('applied')
  campaign = await readCampaign(steward, campaign.id)
  expect(campaign.targets.filter((one) => heirs.includes(one.code)).map((one) => one.zone)).toEqual(['all', 'all'])
})

describe('a target that was split', () => {
  it.each([
    ['en', 'wide', WIDE, 'Replaced'],
    ['de', 'phone', PHONE, 'Ersetzt'],
    ['zh', 'phone', PHONE, '已被取代'],
  ] as const)('names what follows it at the desk, %s, %s', async (lang, size, viewport, word) => {
    await atDesk(
      `/desk/campaigns/${campaign.id}?lang=${lang}&tab=targets&pick=${parent}`,
      async (page) => {
        const row = page.locator(`[data-target="${parent}"]`)
        await row.getByText(word, { exact: true }).waitFor()
        expect(await row.locator('[data-heirs]').textContent()).toBe(`→ ${heirs.join(', ')} · test-steward`)
        for (const code of heirs) expect(await page.locator(`[data-target="${code}"]`).count()).toBe(1)
        await shoot(page, `replaced-${lang}-${size}`)
      },
      { viewport },
    )
  })

  it('is told in the log with its reason', async () => {
    await atDesk(`/desk/campaigns/${campaign.id}?lang=en&tab=log`, async (page) => {
      await page.getByText('target split, its successors in its place').waitFor()
      await page.getByText(`${parent} → ${heirs.join(', ')}`).waitFor()
    })
  })
})
