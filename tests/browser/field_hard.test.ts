/** The field app where it is hard: on both stores, with other people at work, in two tabs, closed, with its own camera. */
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launch, Person, type Campaign } from './campaign'
import { home } from './home'
import { Phone, picture } from './phone'
import { Cluster } from './postgres'
import { Relay } from './relay'
import { serve, type Serving } from './server'

let relay: Relay
let steward: Person
let campaign: Campaign
let phone: Phone

afterEach(async () => {
  relay.losesAnswer = () => false
  relay.isDown = false
  await phone.close()
})

const now = () => steward.ok<Campaign>('GET', `/api/v1/campaigns/${campaign.id}`)
const code = (at: number) => campaign.targets[at]?.code ?? ''
const isUnsent = (entry: { state: string }) => ['saved', 'sealed', 'sent'].includes(entry.state)

/** A catalogue in which who occupies a plot is never overwritten by whoever looked last. */
function strictCatalogue(folder: string): string {
  const place = join(folder, 'catalogue')
  cpSync(fileURLToPath(new URL('../../data/catalogue', import.meta.url)), place, { recursive: true })
  const file = join(place, 'parcels.toml')
  const text = readFileSync(file, 'utf8')
  const strict = text.replace(/(key = "occupier"[\s\S]*?merge = )"latest"/, '$1"conflict"')
  expect(strict).not.toBe(text)
  writeFileSync(file, strict)
  return place
}

describe.each(['GeoPackage', 'PostGIS'])('on %s', (kind) => {
  let server: Serving
  let cluster: Cluster | undefined
  const folder = mkdtempSync(join(tmpdir(), 'zaiti-hard-'))

  beforeAll(async () => {
    cluster = kind === 'PostGIS' ? Cluster.start() : undefined
    const store = cluster?.store ?? join(folder, 'demo.gpkg')
    server = await serve(store, ['--catalogue', strictCatalogue(folder)])
    relay = await Relay.before(server.url)
    steward = await Person.logIn('test-steward', server.url)
  })
  afterAll(async () => {
    relay.close()
    await server.stop()
    cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('a day with a link that is cut and loses every second answer arrives whole and once', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.offline(true)
    for (const at of [0, 1, 2]) {
      await phone.page.evaluate((code) => (location.hash = `target/${code}`), code(at))
      await phone.page.locator(`[data-card="${code(at)}"]`).waitFor()
      await phone.page
        .locator('[data-slot] input[type=file]')
        .first()
        .setInputFiles(picture(500, 20 + at))
      await phone.page.locator('[data-slot] canvas').first().waitFor()
      await phone.page.locator('[data-answer=confirmed]').click()
      await phone.page.locator('[data-said=saved]').getByText(code(at)).waitFor()
    }
    expect((await now()).numbers['visited']).toBe(0)
    const before = await Promise.all([0, 1, 2].map((at) => history(code(at))))
    let turn = 0
    relay.losesAnswer = (path, method) => method !== 'GET' && /edits|visits|photos/.test(path) && turn++ % 2 === 0
    for (let round = 0; round < 30 && (await phone.journal()).some(isUnsent); round += 1) {
      await phone.offline(false)
      const { lost } = relay
      await expect
        .poll(async () => relay.lost > lost || !(await phone.journal()).some(isUnsent), { timeout: 20_000 })
        .toBe(true)
      // Cut in the middle of what it does now.
      await phone.offline(true)
      if (round % 4 === 3) await phone.restart()
    }
    expect(relay.lost).toBeGreaterThan(3)
    expect((await phone.journal()).every((entry) => ['applied', 'merged'].includes(entry.state))).toBe(true)
    expect((await now()).numbers).toMatchObject({ visited: 3, photos_taken: 3, photos_verified: 3 })
    for (const [at, old] of before.entries()) {
      const after = await history(code(at))
      const sent = (await phone.journal()).filter((one) => one.kind === 'edit' && one.code === code(at))
      expect(new Set(after).size).toBe(after.length)
      expect(after.length - old.length).toBeLessThanOrEqual(sent.length)
    }
  })

  it.each([
    ['approved', 'applied', 'Arrived', 'Seen on site'],
    ['rejected', 'returned', 'Sent back', 'The lease was shown to us'],
  ] as const)(
    'a conflict that is %s at the desk is shown on the phone as decided',
    async (verdict, state, words, why) => {
      campaign = await launch(steward)
      phone = await Phone.make(relay.url)
      await phone.ready(campaign)
      await phone.target(code(0))
      await phone.page.locator('[data-answer=changed]').click()
      await phone.question('occupier')
      await phone.page.locator('[data-question=occupier] :is(input, textarea)').first().fill(`Seen: ${verdict}`)
      // Meanwhile somebody at the desk says otherwise.
      const { record } = campaign.targets[0] ?? { record: '' }
      const set = { occupier: `Told: ${verdict}` }
      const edits = [
        {
          id: crypto.randomUUID(),
          collection: 'parcels',
          record,
          set,
          evidence: 'told',
          observed_at: new Date().toISOString(),
        },
      ]
      const { receipts } = await steward.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits })
      expect(receipts[0]?.outcome).toBe('applied')
      await phone.finishQuestions()
      await phone.open('#queue')
      await phone.allArrived()
      const row = phone.page.locator('[data-entry=edit][data-state=conflict]')
      await row.getByText(`Seen: ${verdict}`).waitFor()
      await row.getByText('somebody else said otherwise').waitFor()
      const inbox = await steward.ok<{ items: { edit: string; version: number; fields: Record<string, unknown>[] }[] }>(
        'GET',
        `/api/v1/inbox?code=${code(0)}`,
      )
      const mine = (await phone.journal()).find((entry) => entry.state === 'conflict')
      const item = inbox.items.find((one) => one.edit === mine?.id)
      expect(item?.fields).toEqual([
        expect.objectContaining({ key: 'occupier', mine: `Seen: ${verdict}`, theirs: `Told: ${verdict}` }),
      ])
      const decisions = [{ edit: mine?.id, verdict, reason: why, expected_version: item?.version }]
      const { results } = await steward.ok<{ results: { outcome: string }[] }>('POST', '/api/v1/inbox/decisions', {
        decisions,
      })
      expect(results[0]?.outcome).toBe('decided')
      await phone.page.evaluate(() => dispatchEvent(new Event('online')))
      const decided = phone.page
        .locator(`[data-entry=edit][data-state=${state}]`)
        .filter({ hasText: `Seen: ${verdict}` })
      await decided.getByText(words).first().waitFor()
      await decided.getByText(why).waitFor()
      const carrier = await steward.ok<{ properties: Record<string, unknown> }>('GET', `/api/v1/carriers/${code(0)}`)
      expect(carrier.properties['occupier']).toBe(verdict === 'approved' ? `Seen: ${verdict}` : `Told: ${verdict}`)
    },
  )

  // The last one here: the account does not come back.
  it('what a phone holds of an account that was ended is handed in, and waits for a person', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.offline(true)
    await phone.confirm(code(0))
    const edits = (await phone.journal()).filter((entry) => entry.kind === 'edit')
    expect(edits.every(isUnsent)).toBe(true)
    await server.without(['account', 'disable', 'test-surveyor'])
    await phone.offline(false)
    await phone.restart()
    await expect.poll(async () => (await phone.journal()).some(isUnsent), { timeout: 20_000 }).toBe(false)
    const kept = await phone.journal()
    expect(kept.filter((entry) => entry.kind === 'edit').map((entry) => entry.state)).toEqual(
      edits.map(() => 'proposed'),
    )
    const told = await now()
    expect(told.numbers).toMatchObject({ visited: 0, quarantined: 1 })
    type Waiting = { items: { edit: string; sent: { held: string } }[] }
    const { items } = await steward.ok<Waiting>('GET', `/api/v1/inbox?code=${code(0)}&limit=500`)
    for (const { id } of edits) expect(items.find((item) => item.edit === id)?.sent.held, id).toBe('ended-account')
  })

  async function history(code: string): Promise<string[]> {
    const answer = await steward.ok<{ entries: { edit: string }[] }>('GET', `/api/v1/carriers/${code}/history`)
    return answer.entries.map((entry) => entry.edit)
  }
})

describe('on one phone', () => {
  beforeAll(async () => {
    relay = await Relay.before(home())
    steward = await Person.logIn('test-steward')
  })
  afterAll(() => relay.close())

  it('two tabs have one journal and one count, and send nothing twice', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    const other = await phone.context.newPage()
    await other.goto(`${relay.url}/field?lang=en#list`)
    await other.locator('#left li').first().waitFor()
    const sent: string[] = []
    phone.context.on('request', (request) => {
      if (request.method() !== 'POST' || !/\/api\/v1\/(edits|visits)$/.test(request.url())) return
      const body = request.postDataJSON() as { edits?: { id: string }[]; visits?: { id: string }[] }
      sent.push(...[...(body.edits ?? []), ...(body.visits ?? [])].map((one) => one.id))
    })
    relay.isDown = true
    // Both at once, three times.
    for (const at of [0, 2, 4]) await Promise.all([phone.confirm(code(at)), phone.confirm(code(at + 1), other)])
    const counters = (await phone.journal()).map((entry) => entry.counter)
    expect(counters).toEqual(counters.map((_, at) => at + 1))
    for (const page of [phone.page, other]) {
      await page.evaluate(() => (location.hash = 'list'))
      for (let at = 0; at < 6; at += 1)
        await page.locator(`[data-target="${code(at)}"][data-progress=confirmed]`).waitFor()
    }
    // What failed on the dead link does not count.
    sent.length = 0
    relay.isDown = false
    const wake = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')))
    await expect
      .poll(
        async () => {
          await Promise.all([wake(phone.page), wake(other)])
          return (await phone.journal()).filter(isUnsent).length
        },
        { timeout: 40_000, interval: 500 },
      )
      .toBe(0)
    for (const page of [phone.page, other]) await page.locator('[data-unsent="0"]').first().waitFor()
    expect(new Set(sent).size).toBe(sent.length)
    expect(sent.sort()).toEqual((await phone.journal()).map((entry) => entry.id).sort())
    expect((await now()).numbers['visited']).toBe(6)
  })

  it('a tab hears that another has cleared the phone, and has fetched a package again', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    const other = await phone.context.newPage()
    await other.goto(`${relay.url}/field?lang=en#list`)
    await other.locator('#left li').first().waitFor()
    phone.page.on('dialog', (dialog) => void dialog.accept())
    await phone.open('#device')
    await phone.page.locator('[data-clear]:enabled').click()
    await other.locator(`[data-load="${campaign.id}"]`).waitFor()
    await phone.page.evaluate(() => (location.hash = 'list'))
    await phone.page.locator(`[data-load="${campaign.id}"]`).click()
    for (const page of [other, phone.page]) await page.locator('#left li').first().waitFor()
  })

  it('the worker sends what waits while the app is closed, once the browser wakes it', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    relay.isDown = true
    await phone.confirm(code(0))
    await phone.confirm(code(1))
    // Put away, the app asks to be woken.
    await phone.page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    const tags = () =>
      phone.page.evaluate(async () => {
        const { sync } = (await navigator.serviceWorker.ready) as unknown as { sync: { getTags(): Promise<string[]> } }
        return sync.getTags()
      })
    await expect.poll(tags).toEqual(['zaiti-field-send'])
    const registration = new Promise<string>((resolve) => {
      phone.cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const ours = registrations.find((one) => one.scopeURL.endsWith('/field') && !one.isDeleted)
        if (ours) resolve(ours.registrationId)
      })
    })
    await phone.cdp.send('ServiceWorker.enable')
    const registrationId = await registration
    // Another page of the same server: the app itself is closed.
    relay.isDown = false
    await phone.page.goto(`${relay.url}/?lang=en`)
    const origin = relay.url
    const wake = { origin, registrationId, tag: 'zaiti-field-send', lastChance: false }
    await expect
      .poll(
        async () => {
          await phone.cdp.send('ServiceWorker.dispatchSyncEvent', wake)
          return (await now()).numbers['visited']
        },
        { timeout: 40_000, interval: 1_000 },
      )
      .toBe(2)
    await expect.poll(async () => (await phone.journal()).filter(isUnsent).length).toBe(0)
  })

  it('the camera in the app takes a photo that arrives as it was taken', async () => {
    campaign = await launch(steward)
    const flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']
    phone = await Phone.make(relay.url, { flags })
    await phone.ready(campaign)
    await phone.target(code(0))
    await phone.page.locator('[data-camera]').first().click()
    await phone.page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0)
    await phone.page.locator('[data-shoot]').click()
    await phone.page.locator('[data-slot] canvas').first().waitFor()
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    await phone.open('#queue')
    await phone.allArrived()
    expect((await now()).numbers).toMatchObject({ photos_taken: 1, photos_verified: 1 })
    const sha256 = (await phone.journal()).find((entry) => entry.kind === 'photo')?.payload.sha256 ?? ''
    const original = await steward.bytes(`/api/v1/photos/${sha256}`)
    expect(createHash('sha256').update(original).digest('hex')).toBe(sha256)
    expect(original.subarray(0, 3).toString('hex')).toBe('ffd8ff')
  })

  it('a state that no step leads to is said all the same, and waits for a person', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.target(code(0))
    await phone.page.locator('[data-answer=changed]').click()
    await phone.question('status')
    // The demo's life-cycle lets no surveyor take a plot on offer anywhere.
    expect(await phone.page.locator('[data-choice]').count()).toBe(0)
    await phone.page.locator('[data-others]').click()
    await phone.page.locator('[data-choice=UNDER_CONSTRUCTION]').click()
    await phone.question('summary')
    await phone.page.getByText('waits for a decision in the office').waitFor()
    await phone.finishQuestions()
    await phone.open('#queue')
    await phone.allArrived()
    await phone.page.locator('[data-entry=edit][data-state=proposed]').getByText('Under construction').waitFor()
    const inbox = await steward.ok<{ items: { fields: Record<string, unknown>[] }[] }>(
      'GET',
      `/api/v1/inbox?code=${code(0)}`,
    )
    expect(inbox.items.flatMap((item) => item.fields)).toContainEqual(
      expect.objectContaining({ key: 'status', mine: 'UNDER_CONSTRUCTION' }),
    )
  })
})
