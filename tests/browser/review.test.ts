/** The desk's review of a visit, and a photo's way to the public. */
import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBrowser, visit } from './browser'
import { launch, Person, type Campaign } from './campaign'
import { asStaff, shoot } from './desk'
import { faultless } from './looks'
import { Park, sent } from './park'
import { sendPicture } from './picture'

useBrowser()

let park: Park

beforeAll(async () => {
  park = await Park.open()
})

interface Seen {
  campaign: Campaign
  visit: string
  code: string
  sha256: string
}

/** A visit with a value that waits, one that was written at once, and a photo. */
async function visited(at: number): Promise<Seen> {
  const surveyor = await Person.logIn('test-surveyor')
  const campaign = await launch(park.steward)
  const target = campaign.targets[at]
  if (!target) throw new Error('the campaign has too few targets')
  const before = (await park.parcel(target.code)).properties
  const seen = { id: randomUUID(), device: randomUUID() }
  const field = (counter: number) => ({ device: seen.device, counter, visit: seen.id })
  const base = { collection: 'parcels', record: target.record, base_version: before.version, evidence: 'seen' }
  const edits = [
    { ...base, id: randomUUID(), set: { power_capacity: 631 }, field: field(1) },
    { ...base, id: randomUUID(), set: { acquisition_progress: 'half of it' }, field: field(2) },
  ]
  expect(await sent(surveyor, edits[0] ?? {})).toBe('proposed')
  expect(['applied', 'merged']).toContain(await sent(surveyor, edits[1] ?? {}))
  const photo = await sendPicture(surveyor, at)
  const told = {
    id: seen.id,
    campaign: campaign.id,
    record: target.record,
    base_version: before.version,
    outcome: 'changed',
    observed_at: new Date().toISOString(),
    device: seen.device,
    counter: 3,
    position: { lon: target.point[0], lat: target.point[1], accuracy_m: 5 },
    edits: edits.map((one) => one.id),
    photos: [{ ...photo, slot: 'overview', taken_at: '2026-11-25T08:00:00Z' }],
  }
  const answer = await surveyor.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/visits', { visits: [told] })
  expect(answer.receipts[0]?.outcome).toBe('applied')
  return { campaign, visit: seen.id, code: target.code, sha256: photo.sha256 }
}

describe('a visit', () => {
  it('shows old and new values and photos to the reviewer, and its photo to the public once approved', async () => {
    const { campaign, visit: id, code, sha256 } = await visited(2)
    await visit(`/c/${code}?lang=en`, async (page) => {
      await page.locator('[data-attribute]').first().waitFor()
      expect(await page.locator('[data-photos]').count()).toBe(0)
    })
    await asStaff(`/desk/campaigns/${campaign.id}?lang=en&tab=review&visit=${id}`, async (page) => {
      const card = page.locator(`[data-visit="${id}"]`)
      const rows = card.locator('[data-changes] tbody tr')
      await rows.first().waitFor()
      const told = await rows.allTextContents()
      expect(told[0]).toMatch(/631.*proposed/s)
      expect(told.find((one) => one.includes('half of it'))).toMatch(/applied/)
      await card.getByAltText('Overview').waitFor()
      await card.scrollIntoViewIfNeeded()
      await faultless(page, 'review')
      await shoot(page, 'review')
      await card.getByRole('button', { name: 'Reject' }).click()
      expect(await card.locator('[data-stays]').textContent()).toContain('Clearing progress')
      await card.getByRole('button', { name: 'Cancel' }).click()
      await card.getByRole('button', { name: 'Approve' }).click()
      await card.waitFor({ state: 'detached' })
    })
    for (const [lang, alt] of [
      ['en', 'Overview'],
      ['de', 'Übersicht'],
      ['zh', '全景'],
    ] as const)
      await visit(`/c/${code}?lang=${lang}`, async (page) => {
        const section = page.locator('[data-photos="1"]')
        await section.waitFor()
        const alts = await section.locator('img').first().getAttribute('alt')
        expect(alts).toContain(alt)
        expect(alts).toContain(code)
        await section.getByRole('button').first().press('Enter')
        const large = page.locator(`img[data-large="${sha256}"]`)
        await large.waitFor()
        await page.waitForFunction(() => {
          const image = document.querySelector<HTMLImageElement>('img[data-large]')
          return image?.complete === true && image.naturalWidth > 0
        })
        await faultless(page, `photo ${lang}`)
        await shoot(page, `photo-${lang}`)
        await page.keyboard.press('Escape')
        await large.waitFor({ state: 'detached' })
        await shoot(page, `photos-${lang}`)
      })
  })
})
