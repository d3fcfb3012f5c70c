/** The phone when a login has ended, when somebody else logs in, and when somebody wants to leave with what only the phone has. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launch, Person, type Campaign } from './campaign'
import { home } from './home'
import { Phone, picture } from './phone'
import { Relay } from './relay'
import { PASSWORD } from './server'

let relay: Relay
let steward: Person
let campaign: Campaign
let phone: Phone

beforeAll(async () => {
  relay = await Relay.before(home())
  steward = await Person.logIn('test-steward')
})
afterAll(() => relay.close())
afterEach(async () => {
  relay.isDown = false
  await phone.close()
})

const now = () => steward.ok<Campaign>('GET', `/api/v1/campaigns/${campaign.id}`)
const code = (at: number) => campaign.targets[at]?.code ?? ''
const isUnsent = (entry: { state: string }) => ['saved', 'sealed', 'sent'].includes(entry.state)

/** Changes all entries on the disk beside the app. */
const rewrite = (change: Record<string, unknown>) =>
  phone.page.evaluate(
    (change) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open('zaiti-field')
        opening.onerror = () => reject(opening.error)
        opening.onsuccess = () => {
          const writing = opening.result.transaction('entries', 'readwrite')
          const store = writing.objectStore('entries')
          const all = store.getAll()
          all.onsuccess = () => {
            for (const entry of all.result as object[]) store.put({ ...entry, ...change })
          }
          writing.oncomplete = () => {
            opening.result.close()
            resolve()
          }
        }
      }),
    change,
  )

describe('when the login has ended', () => {
  it('recording goes on with what lies on the phone, says that sending waits, and all arrives after a login', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.context.clearCookies()
    await phone.page.reload()
    await phone.page.locator('[data-login-over]').getByText('log in as test-surveyor').waitFor()
    await phone.confirm(code(0))
    const saved = await phone.journal()
    expect(saved.filter((entry) => entry.kind === 'edit').length).toBeGreaterThan(0)
    expect(new Set(saved.map((entry) => entry.account))).toEqual(new Set(['test-surveyor']))
    await phone.open(`#target/${code(1)}`)
    await phone.page.locator(`[data-card="${code(1)}"] [data-answer=changed]`).click()
    await phone.page.locator('[data-question]').waitFor()
    // Entries of an app that stamped nobody.
    await rewrite({ account: '' })
    await phone.open('#list')
    await phone.page.reload()
    await expect
      .poll(async () => (await phone.journal()).every((entry) => entry.account === 'test-surveyor'))
      .toBe(true)
    await phone.page.locator('[data-login-over]').waitFor()
    await phone.logIn()
    await phone.page.locator('[data-login-over]').waitFor({ state: 'detached' })
    await phone.allArrived()
    expect((await now()).numbers['visited']).toBe(1)
  })

  it('another login sends nothing of the first, records nothing with its package, and must not log it out elsewhere', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    relay.isDown = true
    await phone.confirm(code(0))
    relay.isDown = false
    await phone.context.route('**/api/v1/{edits,visits}', (route) => route.abort())
    // The same browser, the page that anyone opens first.
    const other = await phone.context.newPage()
    await other.goto(`${relay.url}/?lang=en`)
    const said = new Promise<string>((resolve) =>
      other.once('dialog', (dialog) => void dialog.accept().then(() => resolve(dialog.message()))),
    )
    await other.getByRole('button', { name: 'Menu' }).click()
    await other.getByRole('button', { name: 'Log out' }).click()
    expect(await said).toContain('only on this device')
    expect(await other.evaluate(async () => (await (await fetch('/api/v1/session')).json()) as unknown)).toMatchObject({
      account: 'test-surveyor',
    })
    expect((await now()).numbers['visited']).toBe(0)
    // The session ends all the same, and a colleague logs in.
    await phone.context.clearCookies()
    await other.evaluate(
      async (body) => {
        const headers = { 'Content-Type': 'application/json', 'X-Zaiti': '1' }
        await fetch('/api/v1/session', { method: 'POST', headers, body })
      },
      JSON.stringify({ name: 'test-staff', password: PASSWORD }),
    )
    await phone.context.unroute('**/api/v1/{edits,visits}')
    await phone.page.evaluate(() => dispatchEvent(new Event('online')))
    await phone.page.locator('[data-others-package=test-surveyor]').waitFor()
    expect((await phone.journal()).every(isUnsent)).toBe(true)
    expect((await now()).numbers['visited']).toBe(0)
    await phone.page.locator('[data-others-package]').getByRole('button', { name: 'Log out' }).click()
    await phone.page.locator('[data-card]').waitFor()
    await phone.page.evaluate(() => (location.hash = 'list'))
    await phone.logIn()
    await phone.allArrived()
    const { targets } = await now()
    expect(targets.find((one) => one.code === code(0))?.visit).toMatchObject({ author: 'test-surveyor' })
  })
})

describe('what is taken back', () => {
  it('after it was sent counts no more, here and on the server, and stays open when the list is fetched anew', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.confirm(code(0))
    // The bar stays until the next answer, also when all has arrived.
    await phone.page.evaluate(() => (location.hash = 'list'))
    await phone.page.locator(`[data-target="${code(0)}"][data-progress=confirmed]`).waitFor()
    await phone.allArrived()
    await expect.poll(async () => (await now()).numbers['visited']).toBe(1)
    await phone.page.getByRole('button', { name: 'Undo' }).click()
    await phone.page.locator('[data-said=undone]').waitFor()
    await phone.page.evaluate(() => (location.hash = 'list'))
    const open = phone.page.locator(`[data-target="${code(0)}"][data-progress=open]`)
    await open.waitFor()
    await phone.allArrived()
    await expect.poll(async () => (await now()).numbers).toMatchObject({ visited: 0, to_review: 0 })
    expect((await phone.journal()).find((entry) => entry.kind === 'undo')?.state).toBe('applied')
    await phone.page.reload()
    await phone.allArrived()
    await open.waitFor()
    expect((await now()).targets.find((one) => one.code === code(0))).toMatchObject({ state: 'open', visit: null })
  })

  it('before it was sent is a draft again with what was answered', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.offline(true)
    await phone.target(code(0))
    await phone.page.locator('[data-answer=no_access]').click()
    await phone.page.locator('[data-mode=no_access] button').filter({ hasText: 'Locked' }).click()
    await phone.page.locator('[data-choice=no-day]').click()
    await phone.page.locator('[data-save]').click()
    await phone.page.locator('[data-without]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    await phone.page.getByRole('button', { name: 'Undo' }).click()
    await phone.page.locator('[data-said=withdrawn]').waitFor()
    await phone.open('#queue')
    await phone.page
      .locator(`[data-begun="${code(0)}"]`)
      .getByText('Go on')
      .click()
    await phone.page
      .locator(`[data-card="${code(0)}"]`)
      .getByRole('button', { name: 'Go on' })
      .click()
    await phone.page
      .locator('[data-mode=no_access] [aria-pressed=true], [data-mode=no_access] :checked')
      .first()
      .waitFor()
  })
})

describe('what only the phone has', () => {
  it('is not deleted: an unfinished answer and what the server did not keep, until each is let go by name', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.confirm(code(0))
    await phone.open('#list')
    await phone.allArrived()
    const refused = { state: 'returned', answer: { outcome: 'returned', reason: 'text-too-long', kept: false } }
    await rewrite(refused)
    await phone.open(`#target/${code(1)}`)
    await phone.page.locator('[data-slot] input[type=file]').first().setInputFiles(picture(200, 5))
    await phone.page.locator('[data-slot] canvas').first().waitFor()
    await phone.page.locator('[data-answer=no_access]').click()
    await phone.page.locator('[data-mode=no_access] button').filter({ hasText: 'Locked' }).click()
    await phone.begun(code(1), ({ reason }) => reason !== '')
    await phone.open('#device')
    await phone.page.reload()
    await phone.page.locator('[data-blocked]').waitFor()
    expect(await phone.page.locator('[data-clear]').isDisabled()).toBe(true)
    const asked: string[] = []
    phone.page.on('dialog', (dialog) => {
      asked.push(dialog.message())
      void dialog.accept()
    })
    await phone.open('#queue')
    await phone.page.locator(`[data-begun="${code(1)}"] [data-drop]`).click()
    await phone.page.locator('[data-begun]').waitFor({ state: 'detached' })
    const left = phone.page.locator('[data-let-go]')
    for (let count = await left.count(); count > 0; count -= 1) {
      await left.first().click()
      await expect.poll(() => left.count()).toBe(count - 1)
    }
    expect((await phone.journal()).find((entry) => entry.kind === 'photo')?.state).toBe('withdrawn')
    await phone.open('#device')
    await phone.page.locator('[data-clear]:enabled').click()
    await expect.poll(async () => (await phone.journal()).length).toBe(0)
    expect(asked.at(-1)).toContain('you have let go of')
  })
})
