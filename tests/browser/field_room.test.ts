/** A photo for which the server has no room is not lost: it stays on the phone, says why, and goes when somebody tries again. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launch, Person, readCampaign } from './campaign'
import { serveCopy } from './home'
import { Phone, picture } from './phone'
import type { Serving } from './server'

const BOUND = 'ZAITI_MAX_ACCOUNT_PHOTO_BYTES'
/** The largest single photo, as an operator may set it. */
const LARGEST = { ZAITI_MAX_PHOTO_BYTES: String(2 << 20), ZAITI_MAX_PHOTO_PIXELS: '500000' }
let server: Serving
let phone: Phone | undefined

afterEach(async () => {
  await phone?.close()
  phone = undefined
})

beforeAll(async () => {
  process.env[BOUND] = '1000'
  Object.assign(process.env, LARGEST)
  server = await serveCopy()
})
afterAll(async () => {
  for (const name of [BOUND, ...Object.keys(LARGEST)]) Reflect.deleteProperty(process.env, name)
  await server.stop()
})

it('waits in the queue with its reason, in the language of the page, and arrives once there is room', async () => {
  const steward = await Person.logIn('test-steward', server.url)
  const campaign = await launch(steward)
  const code = campaign.targets[0]?.code ?? ''
  phone = await Phone.make(server.url)
  await phone.ready(campaign)
  await phone.target(code)
  await phone.page.locator('[data-slot] input[type=file]').first().setInputFiles(picture(200, 7))
  await phone.page.locator('[data-slot] canvas').first().waitFor()
  await phone.page.locator('[data-answer=confirmed]').click()
  await phone.page.locator('[data-said=saved]').waitFor()
  for (const [lang, words] of [
    ['en', 'No room for more photos of this account'],
    ['de', 'kein Platz für weitere Bilder dieses Kontos'],
    ['zh', '照片空间已满'],
  ] as const) {
    await phone.open('#queue', lang)
    const waiting = phone.page.locator('[data-entry=photo][data-state=sent]')
    await waiting.getByText(words).waitFor()
    await waiting.getByText('expected at most 1000').waitFor()
  }
  // The visit counts; nothing says that all has arrived.
  await phone.page.locator('[data-entry=visit][data-state=applied]').waitFor()
  await phone.page.locator('[data-unsent="1"]').first().waitFor()
  Reflect.deleteProperty(process.env, BOUND)
  await server.without(['campaign', 'list'])
  await phone.open('#queue')
  // It may have gone by itself meanwhile.
  const arrived = phone.page.locator('[data-entry=photo][data-state=applied]')
  const tryNow = phone.page.getByRole('button', { name: 'Try now' })
  await arrived.or(tryNow).first().waitFor()
  await tryNow.click({ timeout: 2_000 }).catch(() => undefined)
  await arrived.waitFor()
  expect((await readCampaign(steward, campaign.id)).numbers).toMatchObject({
    photos_taken: 1,
    photos_verified: 1,
  })
})

it('is refused while the camera is still at hand, where the server would not take it', async () => {
  const steward = await Person.logIn('test-steward', server.url)
  const campaign = await launch(steward)
  phone = await Phone.make(server.url)
  await phone.ready(campaign)
  await phone.target(campaign.targets[0]?.code ?? '')
  const choose = phone.page.locator('[data-slot] input[type=file]').first()
  for (const [side, words] of [
    [900, 'larger than 2 MiB'],
    [750, 'more than 0.5 million pixels'],
  ] as const) {
    await choose.setInputFiles(picture(side, side))
    await phone.page.getByText(words).waitFor()
  }
  expect((await phone.journal()).filter((entry) => entry.kind === 'photo')).toEqual([])
  await choose.setInputFiles(picture(200, 7))
  await phone.page.locator('[data-slot] canvas').first().waitFor()
  expect((await phone.journal()).filter((entry) => entry.kind === 'photo')).toHaveLength(1)
})
