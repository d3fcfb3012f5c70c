/** The desk's inbox and review on the real program: a real conflict of two devices, decided in the browser; a photo's way to the public. */
import { randomUUID } from 'node:crypto'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { getJson, PHONE, useBrowser, visit, WIDE } from './browser'
import { launch, Person, type Campaign } from './campaign'
import { sendPicture } from './picture'
import { PASSWORD } from './server'

useBrowser()

interface Parcel {
  id: string
  bbox: [number, number, number, number]
  properties: Record<string, unknown> & { code: string; version: number }
}
interface Conflict {
  edit: string
  code: string
}

let steward: Person
let staff: Person
let parcels: Parcel[]

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  staff = await Person.logIn('test-staff')
  const found = await getJson<{ features: { properties: { code: string } }[] }>(
    '/api/v1/search?collection=parcels&sort=code&limit=40',
  )
  parcels = await Promise.all(found.features.map((one) => parcel(one.properties.code)))
})

const parcel = (code: string) => staff.ok<Parcel>('GET', `/api/v1/carriers/${code}`)

async function sent(who: Person, edit: object): Promise<string> {
  const answer = await who.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits: [edit] })
  return answer.receipts[0]?.outcome ?? 'none'
}

/** Two devices change the same fields on top of the same version; the second one stands some metres off. */
async function conflict(at: number, [first, second]: [object, object]): Promise<Conflict> {
  const target = parcels[at]
  if (!target) throw new Error('the demo has too few parcels')
  const [west, south, east, north] = target.bbox
  const base = { collection: 'parcels', record: target.id, evidence: 'seen', observed_at: '2026-11-20T08:00:00Z' }
  const { version } = (await parcel(target.properties.code)).properties
  const from = (counter: number, lat: number) => ({
    device: randomUUID(),
    counter,
    position: { lon: (west + east) / 2, lat, accuracy_m: 6 },
  })
  const one = { ...base, id: randomUUID(), base_version: version, set: first, field: from(3, (south + north) / 2) }
  expect(await sent(staff, one)).toBe('applied')
  const two = { ...base, id: randomUUID(), base_version: version, set: second, field: from(9, north + 0.002) }
  expect(await sent(steward, two)).toBe('conflict')
  return { edit: two.id, code: target.properties.code }
}

const days = (started: string, done: string) => ({ construction_started: started, completed_on: done })

async function logIn(page: Page, name: string) {
  const body = JSON.stringify({ name, password: PASSWORD })
  const status = await page.evaluate(async (sending) => {
    const headers = { 'X-Zaiti': '1', 'Content-Type': 'application/json' }
    return (await fetch('/api/v1/session', { method: 'POST', headers, body: sending })).status
  }, body)
  expect(status).toBe(200)
  await page.reload()
}

async function faultless(page: Page, where: string) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map((one) => `${where}: ${one.id} ${one.nodes[0]?.target.join(' ')}`)).toEqual([])
}

async function shoot(page: Page, name: string) {
  const folder = process.env['ZAITI_SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

const focusedItem = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-item]')?.dataset['item'])

describe('a conflict of two devices', () => {
  it('is shown side by side and resolved with an own value', async () => {
    const { edit, code } = await conflict(0, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    await visit('/desk/inbox?lang=en', async (page) => {
      await logIn(page, 'test-staff')
      const card = page.locator(`[data-item="${edit}"]`)
      const field = card.locator('[data-field="completed_on"]')
      await field.waitFor()
      expect(await field.locator('[data-side="mine"]').textContent()).toContain('5 May 2020')
      expect(await field.locator('[data-side="theirs"]').textContent()).toContain('1 Jan 2020')
      // Who, when, with what, and how far away: the border is about 0.002 degrees, 222 m, south.
      const text = (await card.textContent()) ?? ''
      expect(text).toContain('test-steward')
      expect(text).toContain('test-staff')
      expect(text).toMatch(/± 6 m/)
      expect(await card.locator('[data-place]').textContent()).toMatch(/2[12]\d m from it/)
      await card.locator('[data-sketch] svg').waitFor()
      await card.locator('[data-field="construction_started"]').getByLabel('In the inventory').check()
      await field.getByLabel('Own value').check()
      await field.getByLabel('Completed on').fill('2020-03-03')
      await shoot(page, 'inbox-own')
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await page.getByText('1 decided', { exact: true }).waitFor()
      await card.waitFor({ state: 'detached' })
    })
    const now = (await parcel(code)).properties
    expect([now['construction_started'], now['completed_on']]).toEqual(['2019-01-01', '2020-03-03'])
  })

  it('stands among what was decided, with a way to the history', async () => {
    const { edit, code } = await conflict(1, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    const { version } = (await parcel(code)).properties
    const decision = {
      edit,
      verdict: 'approved',
      keep: ['construction_started'],
      reason: 'Seen in the register',
      expected_version: version,
    }
    await staff.ok('POST', '/api/v1/inbox/decisions', { decisions: [decision] })
    await visit(`/desk/inbox?lang=en&state=decided&code=${code}`, async (page) => {
      await logIn(page, 'test-staff')
      const card = page.locator(`[data-decided="${edit}"]`)
      await card.waitFor()
      expect(await page.locator('[data-decided]').count()).toBe(1)
      const text = (await card.textContent()) ?? ''
      for (const part of ['test-staff', 'Seen in the register', 'Approved', 'test-steward'])
        expect(text).toContain(part)
      const cells = (key: string) => card.locator(`[data-field="${key}"] td`).allTextContents()
      expect((await cells('construction_started')).map((one) => one.trim()).slice(1)).toEqual([
        '5 May 2019',
        '1 Jan 2019',
        'kept',
      ])
      expect((await cells('completed_on')).map((one) => one.trim()).slice(1)).toEqual([
        '5 May 2020',
        '1 Jan 2020',
        '5 May 2020',
      ])
      await shoot(page, 'decided')
      await card.getByRole('link', { name: code }).click()
      await page.locator('details[open] [data-version]').first().waitFor()
      await page.getByText('approved by test-staff').first().waitFor()
    })
  })

  it('is decided by keys alone, and the keys are told', async () => {
    const first = await conflict(2, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    const second = await conflict(3, [days('2018-01-01', '2020-01-01'), days('2018-05-05', '2020-05-05')])
    await visit('/desk/inbox?lang=en', async (page) => {
      await logIn(page, 'test-staff')
      await page.locator(`[data-item="${second.edit}"]`).waitFor()
      await page.keyboard.press('?')
      const dialog = page.getByRole('dialog')
      await dialog.getByText('keep what stands').waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await page.keyboard.press('j')
      const start = await focusedItem(page)
      await page.keyboard.press('j')
      expect(await focusedItem(page)).not.toBe(start)
      await page.keyboard.press('k')
      expect(await focusedItem(page)).toBe(start)
      const walk = async (edit: string) => {
        for (let steps = 0; (await focusedItem(page)) !== edit && steps < 150; steps++) await page.keyboard.press('j')
        expect(await focusedItem(page)).toBe(edit)
      }
      const isVisible = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)
      expect(isVisible).not.toBe('none')
      // All stays as it is: that wants a reason.
      await walk(first.edit)
      await page.keyboard.press('2')
      await page.keyboard.press('a')
      await page.locator(`[data-item="${first.edit}"] [data-reason]`).waitFor()
      await page.keyboard.type('The register says so')
      await page.keyboard.press('Enter')
      await page.locator(`[data-item="${first.edit}"]`).waitFor({ state: 'detached' })
      expect(await focusedItem(page)).toBeTruthy()
      // Back to the author, after a second thought.
      await page.locator(`[data-item="${second.edit}"]`).focus()
      await page.keyboard.press('x')
      await page.keyboard.press('Escape')
      expect(await page.locator('[data-item] [data-reason]').count()).toBe(0)
      expect(await focusedItem(page)).toBe(second.edit)
      await page.keyboard.press('r')
      await page.keyboard.type('Measure again')
      await page.keyboard.press('Enter')
      await page.locator(`[data-item="${second.edit}"]`).waitFor({ state: 'detached' })
      await page.keyboard.press('d')
      await page.locator(`[data-decided="${second.edit}"]`).getByText('Measure again').waitFor()
      await page.locator(`[data-decided="${first.edit}"]`).getByText('Rejected').waitFor()
    })
    const now = (await parcel(first.code)).properties
    expect(now['completed_on']).toBe('2020-01-01')
  })

  it('is resolved together with others', async () => {
    const all = [
      await conflict(4, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')]),
      await conflict(5, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')]),
    ]
    await visit('/desk/inbox?lang=en', async (page) => {
      await logIn(page, 'test-staff')
      for (const { edit } of all) await page.locator(`[data-item="${edit}"]`).getByRole('checkbox').check()
      // One is left as it stands, so the two need a reason.
      const [one] = all
      await page.locator(`[data-item="${one?.edit}"]`).getByRole('button', { name: 'Keep all as it stands' }).click()
      const bar = page.locator('[data-decide]')
      expect(await bar.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true)
      await bar.getByLabel('Reason').fill('Both looked up')
      await bar.getByRole('button', { name: 'Approve' }).click()
      await page.getByText('2 decided', { exact: true }).waitFor()
    })
    const done = await Promise.all(all.map(async ({ code }) => (await parcel(code)).properties['completed_on']))
    expect(done).toEqual(['2020-01-01', '2020-05-05'])
  })
})

describe('facts that contradict each other', () => {
  it('say how far they are apart, and stand with a reason', async () => {
    const target = parcels[6]
    if (!target) throw new Error('the demo has too few parcels')
    const planar = Number((await parcel(target.properties.code)).properties['area_planar'])
    const edit = {
      id: randomUUID(),
      collection: 'parcels',
      record: target.id,
      set: { area_declared: Math.round(planar * 1.05) },
    }
    expect(await sent(steward, edit)).toBe('applied')
    const path = `/api/v1/inbox?code=${target.properties.code}`
    const { items } = await staff.ok<{ items: { edit: string; kind: string }[] }>('GET', path)
    const { edit: id } = items.find((one) => one.kind === 'contradiction') ?? { edit: '' }
    await visit('/desk/inbox?lang=en', async (page) => {
      await logIn(page, 'test-steward')
      const card = page.locator(`[data-item="${id}"]`)
      await card.getByText(/5(\.\d)? % apart, 1 % allowed/).waitFor()
      await card.scrollIntoViewIfNeeded()
      await shoot(page, 'contradiction')
      await card.locator('[data-reason]').fill('A strip of road')
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await card.waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Decided', exact: true }).click()
      await page.locator(`[data-decided="${id}"]`).getByText('Both stand').waitFor()
    })
  })
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
  const campaign = await launch(steward)
  const target = campaign.targets[at]
  if (!target) throw new Error('the campaign has too few targets')
  const before = (await parcel(target.code)).properties
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
    await visit(`/desk/campaigns/${campaign.id}?lang=en&tab=review&visit=${id}`, async (page) => {
      await logIn(page, 'test-staff')
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

describe.each([
  ['wide', WIDE],
  ['phone', PHONE],
] as const)('the inbox, %s', (size, viewport) => {
  it.each([
    ['zh', 'light', '待处理', '已决定'],
    ['en', 'dark', 'Waiting', 'Decided'],
    ['de', 'light', 'Offen', 'Entschieden'],
  ] as const)('reads well in %s, %s', async (lang, colorScheme, waiting, decided) => {
    const { edit } = await conflict(size === 'wide' ? 8 : 9, [
      days('2019-01-01', `20${10 + lang.length}-0${lang.charCodeAt(0) % 9 || 1}-01`),
      days('2019-05-05', '2020-05-05'),
    ])
    await visit(
      `/desk/inbox?lang=${lang}`,
      async (page) => {
        await logIn(page, 'test-steward')
        const card = page.locator(`[data-item="${edit}"]`)
        await card.waitFor()
        await page.getByRole('button', { name: new RegExp(`^${waiting}`) }).waitFor()
        await card.locator('[data-field="completed_on"] input[type=radio]').last().check()
        await card.scrollIntoViewIfNeeded()
        await shoot(page, `inbox-${size}-${lang}`)
        await faultless(page, `open ${size} ${lang}`)
        const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
        expect(await page.evaluate(isWide), 'the page is not wider than the screen').toBe(false)
        await page.getByRole('button', { name: decided, exact: true }).click()
        await page.locator('[data-decided]').first().waitFor()
        await shoot(page, `decided-${size}-${lang}`)
        await faultless(page, `decided ${size} ${lang}`)
        expect(await page.evaluate(isWide), 'the page is not wider than the screen').toBe(false)
      },
      { viewport, colorScheme },
    )
    const reason = 'only looked at'
    await steward.ok('POST', '/api/v1/inbox/decisions', { decisions: [{ edit, verdict: 'rejected', reason }] })
  })
})
