/** A target's card when a surveyor is quicker than the phone, and when the phone has no room. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launch, Person, type Campaign } from './campaign'
import { home } from './home'
import { Phone, picture } from './phone'
import { Relay } from './relay'

let relay: Relay
let steward: Person
let campaign: Campaign
let phone: Phone

beforeAll(async () => {
  relay = await Relay.before(home())
  steward = await Person.logIn('test-steward')
})
afterAll(() => relay.close())
afterEach(() => phone.close())

const code = (at: number) => campaign.targets[at]?.code ?? ''

async function begin() {
  campaign = await launch(steward)
  phone = await Phone.make(relay.url)
  await phone.ready(campaign)
  await phone.offline(true)
}

/** Whether the browser has room for anything more, as a full phone has not. */
async function room(isThere: boolean) {
  await phone.page.evaluate((isThere) => {
    const store = IDBObjectStore.prototype as unknown as Record<string, unknown>
    store['writes'] ??= store['put']
    const refuse = () => {
      throw new DOMException('no room', 'QuotaExceededError')
    }
    store['put'] = isThere ? store['writes'] : refuse
  }, isThere)
}

it('keeps a photo for the target that it was taken of, also when another one is looked at before it is ready', async () => {
  await begin()
  const { page } = phone
  await page.evaluate(() => {
    const decode = globalThis.createImageBitmap
    const opened = new Promise((resolve) => addEventListener('ready-to-decode', resolve))
    globalThis.createImageBitmap = async (source: ImageBitmapSource) => opened.then(() => decode(source))
  })
  const choose = () => page.locator('[data-slot] input[type=file]').first()
  await phone.target(code(0))
  await choose().setInputFiles(picture(200, 7))
  await page.evaluate((code) => (location.hash = `target/${code}`), code(1))
  await page.locator(`[data-card="${code(1)}"]`).waitFor()
  await choose().setInputFiles(picture(200, 8))
  await page.evaluate(() => (location.hash = 'list'))
  await page.locator('#left li').first().waitFor()
  await page.evaluate(() => dispatchEvent(new Event('ready-to-decode')))
  const photos = async () => (await phone.journal()).filter((entry) => entry.kind === 'photo')
  await expect.poll(async () => (await photos()).length, { timeout: 20_000 }).toBe(2)
  expect((await photos()).map((photo) => photo.code).sort()).toEqual([code(0), code(1)].sort())
  expect(await page.evaluate(() => location.hash)).toBe('#list')
  // Each is of the answer that is then given.
  for (const at of [0, 1]) await phone.confirm(code(at))
  const journal = await phone.journal()
  for (const photo of await photos()) {
    const visit = journal.find((entry) => entry.id === photo.visit)
    expect(visit).toMatchObject({
      kind: 'visit',
      code: photo.code,
      payload: { photos: [{ sha256: photo.payload.sha256 }] },
    })
  }
})

it('saves what was typed a moment ago with one tap, and has it when the tab dies', async () => {
  await begin()
  await phone.target(code(0))
  await phone.page.locator('[data-answer=changed]').click()
  await phone.question('occupier')
  const answer = phone.page.locator('[data-question=occupier] textarea')
  await answer.fill('')
  await answer.pressSequentially(' Seen  by  us ')
  expect(await answer.inputValue(), 'nothing moves under the cursor').toBe(' Seen  by  us ')
  await expect
    .poll(async () => (await phone.draft(code(0)))?.answers['occupier'], {
      message: 'kept letter by letter',
      timeout: 20_000,
    })
    .toBe('Seen  by  us')
  await phone.crash()
  await phone.open(`#target/${code(0)}`)
  await phone.page.getByRole('button', { name: 'Go on' }).click()
  await phone.question('summary')
  while (await phone.page.getByText('Still needed').isVisible()) {
    await phone.page.locator('[role=alert] button').click()
    await phone.page.locator('[data-same]').click()
    await phone.question('summary')
  }
  await phone.page.locator('.summary textarea').pressSequentially('The gate is new')
  await phone.page.locator('[data-save]').click()
  await phone.page.locator('[data-said=saved]').waitFor()
  const visits = (await phone.journal()).filter((entry) => entry.kind === 'visit')
  expect(visits.map((entry) => entry.payload)).toEqual([expect.objectContaining({ note: 'The gate is new' })])
})

it('says in words what could not be kept, and no longer once the next answer is saved', async () => {
  await begin()
  await phone.confirm(code(0))
  await phone.page.evaluate(() => (location.hash = 'list'))
  await room(false)
  await phone.page.getByRole('button', { name: 'Undo' }).click()
  await phone.page.getByText('Not taken back').waitFor()
  await phone.page.locator('#left li button').first().click()
  await phone.page.locator('[data-failed]').getByText('no room on this phone').waitFor()
  await room(true)
  await phone.page.locator('#left li button').first().click()
  await phone.page.locator('[data-failed]').waitFor({ state: 'detached' })
  await phone.confirm(code(1))
  expect(await phone.page.getByText('Not taken back').count()).toBe(0)
})

it('says how old a position is, and keeps with an answer only a fresh one', async () => {
  campaign = await launch(steward)
  phone = await Phone.make(relay.url, { at: campaign.targets[0]?.point ?? [0, 0] })
  await phone.ready(campaign)
  const kept = async (at: number) =>
    (await phone.journal()).find((entry) => entry.kind === 'visit' && entry.code === code(at))?.payload.position ?? null
  await phone.page.clock.install()
  await phone.open(`#target/${code(0)}`)
  await phone.page.getByText('GPS ±6 m').waitFor()
  await phone.confirm(code(0))
  expect(await kept(0)).toMatchObject({ accuracy_m: 6 })
  // Where a phone was five minutes ago is not where its surveyor stands.
  await phone.page.clock.fastForward(5 * 60_000)
  await phone.page.getByText('GPS 5 min old').waitFor()
  await phone.confirm(code(1))
  expect(await kept(1)).toBeNull()
})
