/** A phone: a browser with a store of its own that outlives it, and what a surveyor does with it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { chromium, type BrowserContext, type CDPSession, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { CHROMIUM, FLAGS, PHONE } from './browser'
import type { Campaign } from './campaign'
import { PASSWORD } from './server'

export interface Options {
  /** Whether the browser promises to keep what is stored. */
  persistent?: boolean
  scheme?: 'light' | 'dark'
  at?: [number, number]
  /** For the browser, besides the usual ones. */
  flags?: string[]
}

export interface Kept {
  id: string
  counter: number
  kind: string
  state: string
  visit: string
  code: string
  account: string
  payload: {
    edits?: string[]
    photos?: unknown[]
    sha256?: string
    set?: Record<string, unknown>
    position?: object | null
  }
  answer?: { detail?: string }
}

export interface Begun {
  code: string
  answers: Record<string, unknown>
  reason: string
}

export class Phone {
  cdp!: CDPSession
  private constructor(
    readonly url: string,
    private readonly options: Options,
    readonly folder: string,
    public context: BrowserContext,
    public page: Page,
  ) {}

  static async make(url: string, options: Options = {}): Promise<Phone> {
    const folder = mkdtempSync(join(tmpdir(), 'zaiti-phone-'))
    const made = new Phone(url, options, folder, ...(await start(folder, options)))
    await made.equip(options.persistent ?? true, options.at ?? null)
    return made
  }

  async close() {
    await this.context.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Grants what the user would; the browser refuses all else. */
  async equip(persistent: boolean, at: [number, number] | null) {
    this.cdp = await this.context.newCDPSession(this.page)
    const permissions = ['backgroundSync', 'videoCapture']
    if (persistent) permissions.push('durableStorage')
    if (at) permissions.push('geolocation')
    await this.cdp.send('Browser.grantPermissions', { permissions: permissions as never, origin: this.url })
    if (at) await this.context.setGeolocation({ longitude: at[0], latitude: at[1], accuracy: 6 })
  }

  async restart() {
    await this.context.close()
    ;[this.context, this.page] = await start(this.folder, this.options)
    await this.equip(true, null)
    await this.open()
  }

  /** The tab dies at once, whatever it does; a new one is opened in its place. */
  async crash() {
    const { page } = this
    const crashed = new Promise((resolve) => page.once('crash', resolve))
    void this.cdp.send('Page.crash').catch(() => undefined)
    await crashed
    this.page = await this.context.newPage()
    await this.equip(true, null)
  }

  async open(hash = '', lang = 'en') {
    await this.page.goto(`${this.url}/field?lang=${lang}${hash}`)
  }

  async logIn(name = 'test-surveyor') {
    await this.page.getByRole('button', { name: 'Log in' }).first().click()
    await this.page.getByLabel('Name', { exact: true }).fill(name)
    await this.page.getByLabel('Password').fill(PASSWORD)
    await this.page.locator('form button.primary').click()
  }

  /** Logged in, with the package on the device and the app kept for use without network. */
  async ready(campaign: Campaign, lang = 'en') {
    await this.open()
    await this.logIn()
    await this.page.locator(`[data-load="${campaign.id}"]`).click()
    await this.page.locator('#left li').first().waitFor()
    await this.page.evaluate(async () => void (await navigator.serviceWorker.ready))
    // Reloaded, so that the page runs under its worker.
    await this.open('', lang)
    await this.page.locator('#left li').first().waitFor()
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  }

  /** `upload` in bytes a second; without it the link is as fast as it can be. */
  async link(offline: boolean, upload = -1) {
    const link = { offline, latency: upload < 0 ? 0 : 40, downloadThroughput: upload, uploadThroughput: upload }
    await this.cdp.send('Network.enable')
    await this.cdp.send('Network.emulateNetworkConditions', link)
  }

  async offline(offline: boolean) {
    await this.link(offline)
    await this.page.evaluate((now) => dispatchEvent(new Event(now ? 'offline' : 'online')), offline)
  }

  async target(code: string) {
    await this.page.locator(`[data-target="${code}"] a`).click()
    await this.page.locator(`[data-card="${code}"]`).waitFor()
  }

  /** "All is as recorded", saved. */
  async confirm(code: string, page = this.page) {
    await page.evaluate((code) => (location.hash = `target/${code}`), code)
    await page.locator(`[data-card="${code}"] [data-answer=confirmed]`).click()
    await page.locator('[data-said=saved]').getByText(code).waitFor()
  }

  /** Goes on to a question, or with `summary` to their end. */
  async question(key: string) {
    const asking = this.page.locator('[data-question]')
    while ((await asking.getAttribute('data-question')) !== key) {
      const now = await asking.getAttribute('data-question')
      await this.page.locator('[data-next]').click()
      await this.page.locator(`[data-question]:not([data-question="${now}"])`).waitFor()
    }
  }

  /** To the end of the questions; what is needed and not answered is said to be still right. */
  async finishQuestions() {
    await this.question('summary')
    while (await this.page.getByText('Still needed').isVisible()) {
      await this.page.locator('[role=alert] button').click()
      await this.page.locator('[data-same]').click()
      await this.question('summary')
    }
    await this.page.locator('[data-save]').click()
    await this.page.locator('[data-said=saved]').waitFor()
  }

  /** What the journal holds, read beside the app. */
  journal(): Promise<Kept[]> {
    return this.all('entries')
  }

  /** What is begun of a target and not saved, as it lies on the disk. */
  async draft(code: string): Promise<Begun | undefined> {
    return (await this.all<Begun>('drafts')).find((draft) => draft.code === code)
  }

  /** Waits until this is begun on the disk: the screen is a moment ahead of it, and a page that is left at once takes that along. */
  async begun(code: string, said: (draft: Begun) => boolean) {
    const lies = async () => {
      const draft = await this.draft(code)
      return draft !== undefined && said(draft)
    }
    await expect.poll(lies, { message: `what is begun of ${code}`, timeout: 20_000 }).toBe(true)
  }

  private all<T>(store: 'entries' | 'drafts'): Promise<T[]> {
    return this.page.evaluate(
      (store) =>
        new Promise((resolve, reject) => {
          const opening = indexedDB.open('zaiti-field')
          opening.onerror = () => reject(opening.error)
          opening.onsuccess = () => {
            const all = opening.result.transaction(store).objectStore(store).getAll()
            all.onsuccess = () => {
              opening.result.close()
              resolve(all.result)
            }
          }
        }),
      store,
    )
  }

  async allArrived(timeout = 45_000) {
    await this.page.evaluate(() => dispatchEvent(new Event('online')))
    await this.page.locator('[data-unsent="0"]').first().waitFor({ timeout })
  }
}

async function start(folder: string, { scheme = 'light', flags = [] }: Options): Promise<[BrowserContext, Page]> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: [...FLAGS, ...flags],
    viewport: PHONE,
    locale: 'en-GB',
    hasTouch: true,
    isMobile: true,
    reducedMotion: 'reduce',
    colorScheme: scheme,
  })
  context.setDefaultTimeout(20_000)
  return [context, context.pages()[0] ?? (await context.newPage())]
}

/** A picture of noise, which no compression makes small. */
export function picture(side: number, seed: number): { name: string; mimeType: string; buffer: Buffer } {
  const row = side * 3 + 1
  const raw = Buffer.alloc(row * side)
  let state = seed
  for (let at = 0; at < raw.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    raw[at] = at % row === 0 ? 0 : state >>> 24
  }
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const buffer = Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw, { level: 1 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
  return { name: 'photo.png', mimeType: 'image/png', buffer }
}
