/** The desk's inbox and review on the real program: a real conflict of two devices, decided in the browser; a photo's way to the public. */
import { randomUUID } from 'node:crypto'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { getJson, PHONE, useBrowser, visit, WIDE } from './browser'
import { launch, Person, type Campaign } from './campaign'
import { logInAs, shoot } from './desk'
import { sendPicture } from './picture'

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

async function faultless(page: Page, where: string) {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map((one) => `${where}: ${one.id} ${one.nodes[0]?.target.join(' ')}`)).toEqual([])
}

const focusedItem = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-item]')?.dataset['item'])

describe('a conflict of two devices', () => {
  it('is shown side by side and resolved with an own value', async () => {
    const { edit, code } = await conflict(0, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    await visit('/desk/inbox?lang=en', async (page) => {
      await logInAs(page, 'staff')
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
      await logInAs(page, 'staff')
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
      await logInAs(page, 'staff')
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
      await logInAs(page, 'staff')
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

interface Ring {
  type: 'Polygon'
  coordinates: [number, number][][]
}

/** A parcel's box, its eastern side so many degrees farther east. */
function boxed([west, south, east, north]: Parcel['bbox'], more: number): Ring {
  const far = east + more
  const ring = [
    [west, south],
    [far, south],
    [far, north],
    [west, north],
    [west, south],
  ]
  return { type: 'Polygon', coordinates: [ring.map(([x = 0, y = 0]): [number, number] => [round(x), round(y)])] }
}
const round = (degrees: number) => Math.round(degrees * 1e7) / 1e7

/** Staff propose another outline on top of a version; `meanwhile` a steward redraws it, or does not. */
async function redrawn(at: number, meanwhile: number | null): Promise<Conflict & { areas: number[] }> {
  const target = parcels[at]
  if (!target) throw new Error('the demo has too few parcels')
  const { code } = target.properties
  const area = async () => Number((await parcel(code)).properties['area_planar'])
  const base = { collection: 'parcels', record: target.id, evidence: 'measured', observed_at: '2026-11-20T08:00:00Z' }
  const draw = { ...base, id: randomUUID(), geometry: boxed(target.bbox, 0) }
  expect(await sent(steward, draw)).toBe('applied')
  const [was, { version }] = [await area(), (await parcel(code)).properties]
  const center = { lon: (target.bbox[0] + target.bbox[2]) / 2, lat: (target.bbox[1] + target.bbox[3]) / 2 }
  const field = { device: randomUUID(), counter: 1, position: { ...center, accuracy_m: 4 } }
  const mine = { ...base, id: randomUUID(), base_version: version, geometry: boxed(target.bbox, 0.0004), field }
  expect(await sent(staff, mine)).toBe('proposed')
  if (meanwhile !== null)
    expect(await sent(steward, { ...base, id: randomUUID(), geometry: boxed(target.bbox, meanwhile) })).toBe('applied')
  return { edit: mine.id, code, areas: [was, await area()] }
}

describe('an outline that is proposed', () => {
  it('is drawn over what it was and what it is, to one scale, with areas and their difference', async () => {
    const { edit, code, areas } = await redrawn(10, -0.0002)
    await visit('/desk/inbox?lang=en', async (page) => {
      await logInAs(page, 'steward')
      const card = page.locator(`[data-item="${edit}"]`)
      const sketch = card.locator('[data-sketch]')
      await sketch.waitFor()
      await card.scrollIntoViewIfNeeded()
      await shoot(page, 'outline-three')
      const lines = await sketch.locator('svg path[data-outline]').evaluateAll((paths) =>
        paths.map((path) => {
          const { width, height } = path.getBoundingClientRect()
          const { strokeDasharray, strokeWidth } = getComputedStyle(path)
          return {
            side: (path as SVGElement).dataset['outline'],
            width,
            height,
            look: `${strokeDasharray} ${strokeWidth}`,
          }
        }),
      )
      expect(lines.map((one) => one.side)).toEqual(['base', 'theirs', 'mine'])
      expect(new Set(lines.map((one) => one.look)).size, 'told apart by the line').toBe(3)
      const [was, theirs, mine] = lines.map((one) => one.width)
      // To one scale: same height on the ground is the same height here, and the widths are as they were sent.
      expect(Math.max(...lines.map((one) => one.height)) - Math.min(...lines.map((one) => one.height))).toBeLessThan(
        1.5,
      )
      expect(theirs).toBeLessThan(was ?? 0)
      expect(was).toBeLessThan(mine ?? 0)
      // The moved side went 0.0006 degrees of longitude: 57 m; the bar tells how many pixels that is.
      const bar = sketch.locator('[data-bar]')
      const metres = Number(await bar.getAttribute('data-bar'))
      const pixels = (await bar.boundingBox())?.width ?? 0
      expect((((mine ?? 0) - (theirs ?? 0)) * metres) / pixels).toBeGreaterThan(53)
      expect((((mine ?? 0) - (theirs ?? 0)) * metres) / pixels).toBeLessThan(61)
      expect(await sketch.locator('[data-apart]').textContent()).toMatch(/5[67] m/)
      await sketch.getByRole('img').getByText('N', { exact: true }).waitFor()
      const field = card.locator('[data-field=geometry]')
      const shown = async (side: string) => Number(await field.locator(`[data-side=${side}]`).getAttribute('data-area'))
      expect(await shown('base')).toBeCloseTo(areas[0] ?? 0, 1)
      expect(await shown('theirs')).toBeCloseTo(areas[1] ?? 0, 1)
      for (const side of ['base', 'mine', 'theirs'])
        expect(await field.locator(`[data-side=${side}]`).textContent()).toMatch(/[\d,.]+\s(m²|㎡).*[\d,.]+\smu/)
      const apart = ((await shown('mine')) - (await shown('theirs'))) / (await shown('theirs'))
      const told = (await field.locator('.side', { has: page.locator('[data-side=mine]') }).textContent()) ?? ''
      expect(told).toContain(`+${(100 * apart).toFixed(1).replace(/\.0$/, '')}`)
      expect(told).toContain('against the inventory')
      // In words alone.
      const words = (await sketch.getByRole('img').getAttribute('aria-label')) ?? ''
      for (const part of ['At the start', 'In the inventory', 'Sent', 'mu', 'Borders up to'])
        expect(words).toContain(part)
      await field.getByLabel('In the inventory').check()
      await field.getByLabel('Sent', { exact: true }).check()
      await card.getByRole('button', { name: 'Decide as chosen' }).click()
      await card.waitFor({ state: 'detached' })
    })
    const { bbox } = await parcel(code)
    expect(bbox[2]).toBeCloseTo(round((parcels[10]?.bbox[2] ?? 0) + 0.0004), 6)
  })

  it('is drawn over one line where nobody has redrawn it since', async () => {
    const { edit } = await redrawn(11, null)
    await visit('/desk/inbox?lang=en', async (page) => {
      await logInAs(page, 'steward')
      const sketch = page.locator(`[data-item="${edit}"] [data-sketch]`)
      await sketch.waitFor()
      const lines = sketch.locator('svg path[data-outline]')
      expect(await lines.evaluateAll((all) => all.map((one) => (one as SVGElement).dataset['outline']))).toEqual([
        'theirs',
        'mine',
      ])
      expect(await sketch.textContent()).toContain('At the start: as it stands in the inventory')
    })
    await steward.ok('POST', '/api/v1/inbox/decisions', {
      decisions: [{ edit, verdict: 'rejected', reason: 'looked at' }],
    })
  })

  it.each([
    ['wide', WIDE, 'light', 'zh'],
    ['wide', WIDE, 'dark', 'de'],
    ['phone', PHONE, 'light', 'de'],
    ['phone', PHONE, 'dark', 'zh'],
  ] as const)('reads well, %s, %s', async (size, viewport, colorScheme, lang) => {
    const { edit } = await redrawn(size === 'wide' ? 12 : 13, -0.0001)
    await visit(
      `/desk/inbox?lang=${lang}`,
      async (page) => {
        await logInAs(page, 'steward')
        const card = page.locator(`[data-item="${edit}"]`)
        await card.waitFor()
        await card.evaluate((one) => one.scrollIntoView())
        await shoot(page, `outline-${size}-${colorScheme}-${lang}`)
        await faultless(page, `outline ${size} ${lang}`)
        const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
        expect(await page.evaluate(isWide), 'the page is not wider than the screen').toBe(false)
      },
      { viewport, colorScheme },
    )
    await steward.ok('POST', '/api/v1/inbox/decisions', {
      decisions: [{ edit, verdict: 'rejected', reason: 'looked at' }],
    })
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
      await logInAs(page, 'steward')
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
      await logInAs(page, 'staff')
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
        await logInAs(page, 'steward')
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
