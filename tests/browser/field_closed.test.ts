/** A record is split or closed while a surveyor is writing about it: what was said reaches the office. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { getJson } from './browser'
import { launch, Person, readCampaign, type Campaign } from './campaign'
import { shoot } from './desk'
import { home } from './home'
import { Phone } from './phone'

vi.setConfig({ testTimeout: 180_000 })

let steward: Person
let campaign: Campaign
let phone: Phone
let others: string[]

beforeAll(async () => {
  steward = await Person.logIn('test-steward')
  const found = await getJson<{ features: { properties: { code: string } }[] }>(
    '/api/v1/search?collection=parcels&status=SUPPLIED&sort=code&limit=8',
  )
  others = found.features.map((one) => one.properties.code)
})
afterEach(() => phone.close())

const at = (place: number) => campaign.targets.at(place) ?? { code: '', record: '' }

async function close(record: string, successors: string[]) {
  const edit = { id: randomUUID(), collection: 'parcels', record, close: { reason: 'land office', successors } }
  const { receipts } = await steward.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits: [edit] })
  expect(receipts[0]?.outcome).toBe('applied')
}

async function answerIdle() {
  await phone.question('idle_suspected')
  await phone.page.locator('[data-choice=true]').click()
  await phone.page.locator('[data-question]:not([data-question=idle_suspected])').waitFor()
}

/** What the journal says of the edit that holds the answer, once the server has answered. */
async function answered(code: string) {
  await phone.open('#list')
  await phone.allArrived()
  const own = (await phone.journal()).filter((entry) => entry.code === code)
  const edit = own.find((entry) => entry.payload.set?.['idle_suspected'] === true)
  expect(own.find((entry) => entry.kind === 'visit')?.payload.edits).toContain(edit?.id)
  return edit?.state
}

it('what was begun before a split is finished after it, and waits for a person', async () => {
  campaign = await launch(steward)
  phone = await Phone.make(home())
  await phone.ready(campaign)
  const { code, record } = at(-3)
  await phone.target(code)
  await phone.page.locator('[data-answer=changed]').click()
  await answerIdle()
  const heirs = others.slice(0, 2)
  await close(record, heirs)
  campaign = await readCampaign(steward, campaign.id)
  // The phone hears of the successors and fetches what it needs of them.
  await phone.page.evaluate(() => dispatchEvent(new Event('online')))
  await phone.open('#list')
  await phone.page.locator(`[data-target="${heirs[0]}"]`).waitFor()
  await phone.target(code)
  await phone.page.getByText(`which gives it to ${heirs.join(', ')}`).waitFor()
  await shoot(phone.page, 'field-closed')
  await phone.page.getByRole('button', { name: 'Go on' }).click()
  await phone.finishQuestions()
  expect(await answered(code)).toBe('proposed')
})

it('what is said of a record that was closed before it was packed waits for a person too', async () => {
  campaign = await launch(steward)
  const { code, record } = at(-4)
  await close(record, [])
  phone = await Phone.make(home())
  await phone.ready(campaign)
  await phone.target(code)
  await phone.page.locator('[data-answer=changed]').click()
  await answerIdle()
  await phone.finishQuestions()
  expect(await answered(code)).toBe('proposed')
})

it('answers that were begun stay when something else is said, until they are thrown away', async () => {
  campaign = await launch(steward)
  phone = await Phone.make(home())
  await phone.ready(campaign)
  const { code } = at(0)
  await phone.target(code)
  await phone.page.locator('[data-answer=changed]').click()
  await answerIdle()
  await phone.begun(code, ({ answers }) => answers['idle_suspected'] === true)
  await phone.open(`#target/${code}`)
  await phone.page.reload()
  await phone.page.locator('[data-answer=confirmed]').click()
  await phone.page.locator('[data-said=saved]').waitFor()
  await phone.open('#list')
  await phone.page
    .locator(`[data-target="${code}"][data-progress=confirmed]`)
    .getByText('You have begun here')
    .waitFor()
  await phone.target(code)
  await phone.page.locator('[data-discard]').click()
  await phone.page.getByText('You have begun here').waitFor({ state: 'hidden' })
  await phone.page.reload()
  await phone.page.locator(`[data-card="${code}"]`).waitFor()
  expect(await phone.page.getByText('You have begun here').count()).toBe(0)
})
