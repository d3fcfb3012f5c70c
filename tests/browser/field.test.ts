import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launch, Person, type Campaign } from './campaign'
import { home } from './home'
import { looksRight } from './looks'
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
afterEach(async () => {
  relay.losesAnswer = () => false
  relay.isDown = false
  relay.version = null
  await phone.close()
})

const now = () => steward.ok<Campaign>('GET', `/api/v1/campaigns/${campaign.id}`)
const first = () => campaign.targets[0] ?? { code: '', record: '', point: [0, 0] as [number, number] }

describe('the field app refuses', () => {
  it('to start where nothing is kept, and says so', async () => {
    phone = await Phone.make(relay.url)
    await phone.page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }))
    await phone.open()
    await phone.page.getByText('This browser keeps nothing on the device').waitFor()
    expect(await phone.page.locator('[data-load]').count()).toBe(0)
  })

  it('to record where the browser does not promise to keep it, says what helps, and starts when it does', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url, { persistent: false })
    for (const hash of ['', '#list', '#map', `#target/${first().code}`]) {
      await phone.open(hash)
      await phone.page.locator('[data-refused=persist]').waitFor()
      await phone.page.getByText('Leave private mode').waitFor()
      expect(await phone.page.locator('[data-load], [data-answer], input[type=file]').count()).toBe(0)
    }
    await phone.page.getByRole('button', { name: 'Try again' }).click()
    await phone.page.getByText('The browser still does not promise it.').waitFor()
    await phone.equip(true, null)
    await phone.page.getByRole('button', { name: 'Try again' }).click()
    await phone.logIn()
    await phone.page.locator(`[data-load="${campaign.id}"]`).waitFor()
  })

  it('to record any more where the promise is gone, while what is recorded is still sent', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    relay.isDown = true
    await phone.confirm(first().code)
    const before = await phone.journal()
    await phone.page.addInitScript(() => {
      navigator.storage.persisted = () => Promise.resolve(false)
      navigator.storage.persist = () => Promise.resolve(false)
    })
    await phone.page.reload()
    await phone.open(`#target/${campaign.targets[1]?.code ?? ''}`)
    await phone.page.locator('[data-refused=persist]').waitFor()
    await phone.page.getByText('It is not lost').waitFor()
    expect(await phone.page.locator('[data-answer]').count()).toBe(0)
    expect(await phone.journal()).toHaveLength(before.length)
    relay.isDown = false
    await phone.open('#queue')
    await phone.allArrived()
    expect((await now()).numbers['visited']).toBe(1)
  })
})

describe('a day without network', () => {
  it('takes three taps for an unchanged plot, shows what is only here, and hands it over when the link is back', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url, { at: first().point })
    await phone.ready(campaign)
    const { code, record } = first()
    await phone.offline(true)
    await phone.page.reload()
    await phone.page.locator('#left li').first().waitFor()
    let taps = 0
    const tap = async (selector: string) => {
      taps += 1
      await phone.page.locator(selector).tap()
    }
    await tap(`[data-target="${code}"] a`)
    await tap('[data-answer=confirmed]')
    await phone.page.locator('[data-said=saved]').waitFor()
    expect(taps).toBeLessThanOrEqual(3)
    // On to the next by itself.
    await phone.page.locator(`[data-card]:not([data-card="${code}"])`).waitFor()
    const saved = await phone.journal()
    const visit = saved.find((entry) => entry.kind === 'visit')
    expect(
      saved
        .filter((entry) => entry.kind === 'edit')
        .map((entry) => entry.id)
        .sort(),
    ).toEqual([...(visit?.payload.edits ?? [])].sort())
    expect(saved.every((entry) => entry.state === 'saved')).toBe(true)
    await phone.open('#list')
    await phone.page.locator(`[data-target="${code}"][data-progress=confirmed]`).waitFor()
    expect((await now()).numbers['visited']).toBe(0)
    await phone.offline(false)
    await phone.allArrived()
    const after = await now()
    expect(after.numbers['visited']).toBe(1)
    expect(after.targets.find((one) => one.record === record)?.visit?.id).toBe(visit?.id)
  })

  it('says where one is, and asks for a reason far from the target', async () => {
    campaign = await launch(steward)
    const [lon, lat] = first().point
    phone = await Phone.make(relay.url, { at: [lon + 0.05, lat] })
    await phone.ready(campaign)
    await phone.target(first().code)
    await phone.page.getByText('GPS ±6 m').first().waitFor()
    await phone.page.locator('[data-answer=confirmed]').click()
    const stop = phone.page.locator('[data-away]')
    await stop.waitFor()
    expect(Number(await stop.getAttribute('data-away'))).toBeGreaterThan(1000)
    await phone.page.locator('[data-reason=gps]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    const visit = (await phone.journal()).find((entry) => entry.kind === 'visit')
    expect(visit?.payload).toMatchObject({ position: { accuracy_m: 6 }, away: { reason: 'The GPS is wrong' } })
  })

  it('asks one question at a time, keeps each answer through a crash of the tab, and undoes', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    const { code } = first()
    await phone.target(code)
    await phone.page.locator('[data-answer=changed]').click()
    await phone.page.locator('[data-question]').waitFor()
    await phone.question('idle_suspected')
    await phone.page.locator('[data-choice=true]').click()
    await phone.page.locator('[data-question]:not([data-question=idle_suspected])').waitFor()
    await phone.begun(code, ({ answers }) => answers['idle_suspected'] === true)
    await phone.crash()
    await phone.open(`#target/${code}`)
    await phone.page.getByRole('button', { name: 'Go on' }).click()
    await phone.finishQuestions()
    expect((await phone.journal()).filter((entry) => entry.kind === 'visit')).toHaveLength(1)
    await phone.page.getByRole('button', { name: 'Undo' }).click()
    await phone.page.locator('[data-said=withdrawn]').waitFor()
    expect((await phone.journal()).map((entry) => entry.state)).toSatisfy((states: string[]) =>
      states.every((state) => state === 'withdrawn'),
    )
    await phone.open('#list')
    await phone.page.locator(`[data-target="${code}"][data-progress=open]`).waitFor()
  })
})

describe('nothing is lost', () => {
  it('when the tab is killed while it saves: the visit is there whole, or not at all', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    for (let round = 0; round < 6; round += 1) {
      const { code } = campaign.targets[round] ?? first()
      await phone.open(`#target/${code}`)
      await phone.page.locator('[data-answer=confirmed]').waitFor()
      // Killed a moment after the tap; a little later each time.
      await phone.page.evaluate(
        () => void setTimeout(() => document.querySelector<HTMLElement>('[data-answer=confirmed]')?.click()),
      )
      await new Promise((resolve) => setTimeout(resolve, round * 8))
      await phone.crash()
      await phone.open('#list')
      await phone.page.locator('[data-target]').first().waitFor()
      const own = (await phone.journal()).filter((entry) => entry.code === code)
      const visit = own.find((entry) => entry.kind === 'visit')
      expect(own.filter((entry) => entry.kind === 'edit').length).toBe(visit?.payload.edits?.length ?? 0)
      const progress = await phone.page.locator(`[data-target="${code}"]`).getAttribute('data-progress')
      expect(progress).toBe(visit ? 'confirmed' : 'open')
    }
  })

  it('when there is no room for a photo: it says so, keeps the rest, and takes the photo once there is room', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    // From the beginning: the browser does not look at the disk for each write.
    await phone.cdp.send('Storage.overrideQuotaForOrigin', { origin: relay.url, quotaSize: 14_000_000 })
    await phone.ready(campaign)
    await phone.target(first().code)
    const input = phone.page.locator('[data-slot] input[type=file]').first()
    const noRoom = phone.page.getByText('there is no room on this phone')
    const photos = phone.page.locator('[data-slot] canvas')
    let taken = 0
    for (let seed = 1; seed <= 6; seed += 1) {
      await input.setInputFiles(picture(1200, seed))
      await expect
        .poll(async () => (await photos.count()) > taken || (await noRoom.isVisible()), { timeout: 15_000 })
        .toBe(true)
      if (await noRoom.isVisible()) break
      taken += 1
    }
    await noRoom.waitFor()
    // What the screen shows is what the journal holds: the photo that did not fit is in neither.
    expect((await phone.journal()).length).toBe(taken)
    expect(await photos.count()).toBe(taken)
    await phone.cdp.send('Storage.overrideQuotaForOrigin', { origin: relay.url })
    await input.setInputFiles(picture(1200, 7))
    await expect.poll(() => photos.count(), { timeout: 15_000 }).toBe(taken + 1)
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    await phone.open('#queue')
    await phone.allArrived()
    expect((await now()).numbers).toMatchObject({ photos_taken: taken + 1, photos_verified: taken + 1 })
  })

  it('when answers are lost and the browser is started anew: the same ids, one effect', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    const { code } = first()
    await phone.target(code)
    await phone.page.locator('[data-slot] input[type=file]').first().setInputFiles(picture(700, 9))
    await phone.page.locator('[data-slot] canvas').first().waitFor()
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    const before = await steward.ok<{ entries: unknown[] }>('GET', `/api/v1/carriers/${code}/history`)
    let turn = 0
    relay.losesAnswer = (path, method) => method !== 'GET' && /edits|visits|photos/.test(path) && turn++ % 2 === 0
    for (
      let round = 0;
      round < 12 && (await phone.journal()).some((entry) => ['saved', 'sealed', 'sent'].includes(entry.state));
      round += 1
    ) {
      const lost = relay.lost
      await phone.page.evaluate(() => dispatchEvent(new Event('online')))
      await expect
        .poll(
          async () =>
            relay.lost > lost ||
            !(await phone.journal()).some((entry) => ['saved', 'sealed', 'sent'].includes(entry.state)),
          { timeout: 15_000 },
        )
        .toBe(true)
      if (round % 3 === 1) await phone.restart()
    }
    expect(relay.lost).toBeGreaterThan(2)
    expect((await phone.journal()).map((entry) => entry.state)).toSatisfy((states: string[]) =>
      states.every((state) => state === 'applied' || state === 'merged'),
    )
    const edits = (await phone.journal()).filter((entry) => entry.kind === 'edit').map((entry) => entry.id)
    const history = await steward.ok<{ entries: { edit: string }[] }>('GET', `/api/v1/carriers/${code}/history`)
    expect(new Set(history.entries.map((entry) => entry.edit)).size).toBe(history.entries.length)
    expect(history.entries.length - before.entries.length).toBeLessThanOrEqual(edits.length)
    expect((await now()).numbers).toMatchObject({ visited: 1, photos_taken: 1, photos_verified: 1 })
  })

  it('when a newer version comes: it waits until all has arrived', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.open('#device')
    const running = (await phone.page.locator('[data-version]').getAttribute('data-version')) ?? ''
    expect(running).toMatch(/^[0-9a-f]{12}$/)
    await phone.offline(true)
    await phone.open('#list')
    await phone.target(first().code)
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    const next = running.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
    relay.version = { from: running, to: next }
    await phone.open('#device')
    await phone.page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
    await phone.page.locator('[data-update]').waitFor({ timeout: 20_000 })
    expect(await phone.page.locator('[data-update]').isDisabled()).toBe(true)
    expect(await phone.page.locator('[data-clear]').isDisabled()).toBe(true)
    expect(await phone.page.getByRole('button', { name: 'Log out' }).isDisabled()).toBe(true)
    // Even a new start serves the version that wrote the entries.
    await phone.page.reload()
    await phone.page.locator(`[data-version="${running}"]`).waitFor()
    await phone.offline(false)
    await phone.open('#queue')
    await phone.allArrived()
    await phone.open('#device')
    await phone.page.locator('[data-update]:enabled').click()
    await phone.page.locator(`[data-version="${next}"]`).waitFor()
  })

  it('when a phone cannot send any more: staff read its encrypted file', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.offline(true)
    await phone.target(first().code)
    await phone.page.locator('[data-slot] input[type=file]').first().setInputFiles(picture(300, 3))
    await phone.page.locator('[data-slot] canvas').first().waitFor()
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    await phone.open('#device')
    await phone.page.getByLabel('Password for the file').fill('a long password')
    const download = phone.page.waitForEvent('download')
    await phone.page.locator('[data-rescue]').click()
    const file = join(phone.folder, 'phone.zip')
    await (await download).saveAs(file)
    const count = (await phone.journal()).length
    const office = await Phone.make(relay.url)
    await office.open('#import')
    await office.logIn('test-staff')
    await office.page.getByLabel('File of the phone').setInputFiles(file)
    await office.page.getByLabel('Password for the file').fill('a wrong password')
    await office.page.getByRole('button', { name: 'Open' }).click()
    await office.page.getByText('The password is wrong.').waitFor()
    await office.page.getByLabel('Password for the file').fill('a long password')
    await office.page.getByRole('button', { name: 'Open' }).click()
    await office.page.locator('[data-opened]').waitFor()
    // The link goes at the photo: nothing says that it is done, and the rest goes when it is back.
    await office.page.route('**/api/v1/photos/**', (route) => route.abort())
    await office.page.getByRole('button', { name: 'Hand over on behalf of test-surveyor' }).click()
    await office.page.getByText(`1 of ${count} have not arrived yet.`).waitFor()
    expect(await office.page.locator('[data-handed]').count()).toBe(0)
    await office.page.unroute('**/api/v1/photos/**')
    await office.page.getByRole('button', { name: 'Hand over the rest' }).click()
    await office.page.locator(`[data-handed="${count}"]`).waitFor()
    await office.close()
    const seen = (await now()).targets.find((one) => one.code === first().code)?.visit
    expect(seen).toMatchObject({ author: 'test-surveyor', handed_in_by: 'test-staff', outcome: 'confirmed' })
    expect(seen).not.toHaveProperty('note')
    // The phone comes back: it gets the receipts of what was handed in, as if it had brought it itself.
    await phone.offline(false)
    await phone.open('#queue')
    await phone.allArrived()
    const states = (await phone.journal()).map((entry) => entry.state)
    expect(states.filter((state) => !['applied', 'merged'].includes(state))).toEqual([])
    expect((await now()).targets.find((one) => one.code === first().code)?.visit).toEqual(seen)
  })
})

describe('what people decided', () => {
  it('comes back: a visit that was sent back is open again with the reason', async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    const { code, record } = first()
    await phone.target(code)
    await phone.page.locator('[data-answer=confirmed]').click()
    await phone.page.locator('[data-said=saved]').waitFor()
    await phone.open('#list')
    await phone.allArrived()
    const visit = (await now()).targets.find((one) => one.record === record)?.visit?.id
    const reviews = [{ visit, verdict: 'returned', reason: 'Please measure the gate' }]
    await steward.ok('POST', `/api/v1/campaigns/${campaign.id}/reviews`, { reviews })
    await phone.page.evaluate(() => dispatchEvent(new Event('online')))
    await phone.page.locator(`[data-target="${code}"][data-progress=returned]`).waitFor()
    await phone.page.getByText('Please measure the gate').first().waitFor()
  })
})

describe('the looks', () => {
  it.each([
    ['light', 'en'],
    ['dark', 'de'],
    ['sun', 'zh'],
  ] as const)('%s, %s: axe finds nothing, nothing is cut off, targets are large enough', async (look, lang) => {
    campaign = await launch(steward, ['overview'])
    phone = await Phone.make(relay.url, { scheme: look === 'dark' ? 'dark' : 'light', persistent: false })
    if (look === 'sun') await phone.page.addInitScript(() => localStorage.setItem('zaiti.sun', '1'))
    const check = (name: string) => looksRight(phone.page, name, `${look}-${name}`)
    await phone.open('', lang)
    await phone.page.locator('[data-refused]').waitFor()
    await check('refused')
    await phone.equip(true, first().point)
    await phone.open()
    await phone.page.reload()
    await phone.page.getByRole('heading', { level: 1 }).waitFor()
    await check('start')
    await phone.ready(campaign, lang)
    await check('list')
    await phone.page.locator('nav a[href="#map"]').click()
    await phone.page.locator('[data-map=ready][data-drawn]').waitFor()
    await check('map')
    await phone.open('#list', lang)
    await phone.target(first().code)
    await check('card')
    await phone.page.locator('[data-answer=changed]').click()
    await phone.page.locator('[data-question]').waitFor()
    await check('question')
    await phone.page.locator('main header button').click()
    await phone.page.locator('[data-answer=no_access]').click()
    await phone.page.locator('[data-mode=no_access]').waitFor()
    await check('no-access')
    await phone.open(`#target/${campaign.targets[1]?.code ?? ''}`, lang)
    await phone.page.locator('[data-slot] input[type=file]').first().setInputFiles(picture(200, 4))
    await phone.page.locator('[data-slot] canvas').first().waitFor()
    await phone.page.locator('[data-answer=confirmed]').click()
    if (await phone.page.locator('[data-away], [data-lacking]').first().isVisible()) await check('stop')
    await phone.open('#queue', lang)
    await check('queue')
    await phone.open('#device', lang)
    await check('device')
    // Text at 200 %.
    await phone.page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
    await phone.open('#list', lang)
    await phone.page.locator('[data-target]').first().waitFor()
    await phone.page.evaluate(() => (document.documentElement.style.fontSize = '200%'))
    await check('list-200')
    await phone.page.evaluate((code) => (location.hash = `target/${code}`), first().code)
    await phone.page.locator('[data-card]').waitFor()
    await check('card-200')
  })
})
