/** The desk's inbox on the real program: real conflicts of two devices and facts that contradict each other, decided in the browser. */
import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { PHONE, useBrowser, WIDE } from './browser'
import { asStaff, atDesk, held, shoot } from './desk'
import { faultless } from './looks'
import { Park, sent } from './park'

useBrowser()

let park: Park

beforeAll(async () => {
  park = await Park.open()
})

const days = (started: string, done: string) => ({ construction_started: started, completed_on: done })

const focusedItem = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-item]')?.dataset['item'])

describe('a conflict of two devices', () => {
  it('is shown side by side and resolved with an own value', async () => {
    const { edit, code } = await park.conflict(0, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    await asStaff('/desk/inbox?lang=en', async (page) => {
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
    const now = (await park.parcel(code)).properties
    expect([now['construction_started'], now['completed_on']]).toEqual(['2019-01-01', '2020-03-03'])
  })

  it('stands among what was decided, with a way to the history', async () => {
    const { edit, code } = await park.conflict(1, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    const { version } = (await park.parcel(code)).properties
    const decision = {
      edit,
      verdict: 'approved',
      keep: ['construction_started'],
      reason: 'Seen in the register',
      expected_version: version,
    }
    await park.staff.ok('POST', '/api/v1/inbox/decisions', { decisions: [decision] })
    await asStaff(`/desk/inbox?lang=en&state=decided&code=${code}`, async (page) => {
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

  it('takes the keys that are pressed while an earlier decision is on its way', async () => {
    const first = await park.conflict(20, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    const second = await park.conflict(21, [days('2018-01-01', '2020-01-01'), days('2018-05-05', '2020-05-05')])
    await asStaff('/desk/inbox?lang=en', async (page) => {
      await page.locator(`[data-item="${second.edit}"]`).waitFor()
      const release = await held(page, '**/decisions')
      for (const { edit } of [first, second]) {
        await page.locator(`[data-item="${edit}"]`).focus()
        for (const key of ['1', 'a', 'a']) await page.keyboard.press(key)
      }
      release()
      for (const { edit } of [first, second]) await page.locator(`[data-item="${edit}"]`).waitFor({ state: 'detached' })
    })
  })

  it('is decided by keys alone, and the keys are told', async () => {
    const first = await park.conflict(2, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')])
    const second = await park.conflict(3, [days('2018-01-01', '2020-01-01'), days('2018-05-05', '2020-05-05')])
    await asStaff('/desk/inbox?lang=en', async (page) => {
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
      expect(await page.locator(`[data-item="${second.edit}"] [data-reason]`).count()).toBe(0)
      expect(await focusedItem(page)).toBe(second.edit)
      await page.keyboard.press('r')
      await page.keyboard.type('Measure again')
      await page.keyboard.press('Enter')
      await page.locator(`[data-item="${second.edit}"]`).waitFor({ state: 'detached' })
      await page.keyboard.press('d')
      await page.locator(`[data-decided="${second.edit}"]`).getByText('Measure again').waitFor()
      await page.locator(`[data-decided="${first.edit}"]`).getByText('Rejected').waitFor()
    })
    const now = (await park.parcel(first.code)).properties
    expect(now['completed_on']).toBe('2020-01-01')
  })

  it('is resolved together with others', async () => {
    const all = [
      await park.conflict(4, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')]),
      await park.conflict(5, [days('2019-01-01', '2020-01-01'), days('2019-05-05', '2020-05-05')]),
    ]
    await asStaff('/desk/inbox?lang=en', async (page) => {
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
    const done = await Promise.all(all.map(async ({ code }) => (await park.parcel(code)).properties['completed_on']))
    expect(done).toEqual(['2020-01-01', '2020-05-05'])
  })
})

describe('a long inbox', () => {
  const visit = randomUUID()
  const many = 5 * 105

  beforeAll(async () => {
    const others = [1, 2, 3, 4, 5].map((day) => days('2019-05-05', `2020-05-0${day}`))
    await park.conflicts([60, 165], [days('2019-01-01', '2020-01-01'), ...others], visit)
  })

  it('keeps the place of who decides far down', async () => {
    await asStaff(`/desk/inbox?lang=en&visit=${visit}`, async (page) => {
      const items = page.locator('[data-item]')
      await items.nth(99).waitFor()
      await page.getByRole('button', { name: 'Show more' }).click()
      await items.nth(199).waitFor()
      const last = items.last()
      const edit = (await last.getAttribute('data-item')) ?? ''
      await last.focus()
      await page.keyboard.press('a')
      // Read anew by then.
      await page.locator(`[data-waiting="${many - 1}"]`).waitFor()
      expect(await items.count()).toBe(200)
      expect(await page.locator(`[data-item="${edit}"]`).count()).toBe(0)
    })
  })

  it('is decided at once, also when it is more than one request may decide', async () => {
    await asStaff(`/desk/inbox?lang=en&visit=${visit}`, async (page) => {
      const items = page.locator('[data-item]')
      for (let shown = 100; shown < many; shown += 100) {
        await items.nth(Math.min(shown, many - 1) - 1).waitFor()
        // By its text: a search by role or label reads all that is on so long a page.
        await page.getByText('Show more', { exact: true }).click()
      }
      await items.nth(many - 2).waitFor()
      await page.getByText('Choose all shown').click()
      const bar = page.locator('[data-decide]')
      await bar.getByLabel('Reason').fill('only to fill the list')
      await bar.getByRole('button', { name: 'Reject' }).click()
      await page.getByText(`${many - 1} decided`, { exact: true }).waitFor()
      await page.locator('[data-waiting="0"]').waitFor()
    })
  })
})

describe('facts that contradict each other', () => {
  it('say how far they are apart, and stand with a reason', async () => {
    const target = await park.at(6)
    const planar = Number((await park.parcel(target.properties.code)).properties['area_planar'])
    const edit = {
      id: randomUUID(),
      collection: 'parcels',
      record: target.id,
      set: { area_declared: Math.round(planar * 1.05) },
    }
    expect(await sent(park.steward, edit)).toBe('applied')
    const path = `/api/v1/inbox?code=${target.properties.code}`
    const { items } = await park.staff.ok<{ items: { edit: string; kind: string }[] }>('GET', path)
    const { edit: id } = items.find((one) => one.kind === 'contradiction') ?? { edit: '' }
    await atDesk('/desk/inbox?lang=en', async (page) => {
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

describe.each([
  ['wide', WIDE],
  ['phone', PHONE],
] as const)('the inbox, %s', (size, viewport) => {
  it.each([
    ['zh', 'light', '待处理', '已决定'],
    ['en', 'dark', 'Waiting', 'Decided'],
    ['de', 'light', 'Offen', 'Entschieden'],
  ] as const)('reads well in %s, %s', async (lang, colorScheme, waiting, decided) => {
    const { edit } = await park.conflict(size === 'wide' ? 8 : 9, [
      days('2019-01-01', `20${10 + lang.length}-0${lang.charCodeAt(0) % 9 || 1}-01`),
      days('2019-05-05', '2020-05-05'),
    ])
    await atDesk(
      `/desk/inbox?lang=${lang}`,
      async (page) => {
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
    await park.steward.ok('POST', '/api/v1/inbox/decisions', { decisions: [{ edit, verdict: 'rejected', reason }] })
  })
})
