/** One Chromium per test file; pages that watch for what must never happen: foreign requests, broken policy, errors in the console. */
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { home } from './home'

export const CHROMIUM =
  ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? 'chromium'
/**
 * What the browser does without. The first three are pages of its own, which each window would keep ready; the others are
 * what the driver switches off, named again because of two such switches only the last counts.
 */
const WITHOUT = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'OptimizationHints',
  'PaintHolding',
  'Translate',
]
export const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  // The map is drawn by software as it is; pages need not be put together by the same slow way.
  '--disable-gpu-compositing',
  `--disable-features=${WITHOUT.join()}`,
]
export const WIDE = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

export interface Watched {
  page: Page
  /** What went wrong in this page so far. */
  faults: string[]
  close: () => Promise<void>
}

/** What a page is looked at with, and as whom. */
export interface Look extends BrowserContextOptions {
  as?: { name: string; password: string }
}

let browser: Browser

/** Call once at the top of a test file. */
export function useBrowser() {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  })
  afterAll(async () => browser.close())
}

export function address(path: string): string {
  return home() + path
}

export async function open(path: string, { as, ...options }: Look = {}): Promise<Watched> {
  const phone = options.viewport?.width === PHONE.width
  const touch = phone ? { hasTouch: true, isMobile: true } : {}
  const context = await browser.newContext({
    viewport: WIDE,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...touch,
    ...options,
  })
  if (as) await enter(context, as)
  const page = await context.newPage()
  const faults: string[] = []
  const own = new URL(home()).origin
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== own) faults.push(`foreign request: ${request.url()}`)
  })
  page.on('pageerror', (error) => faults.push(`error: ${error.message}\n${error.stack ?? ''}`))
  page.on('console', (message) => {
    const text = message.text()
    const refusal = /status of 4\d\d/.test(text)
    if (/content security policy/i.test(text) || (message.type() === 'error' && !refusal))
      faults.push(`console: ${text}`)
  })
  await page.goto(address(path))
  return { page, faults, close: () => context.close() }
}

/** Logs in by the program's own door, before any page is there: none is loaded twice. */
async function enter(context: BrowserContext, who: { name: string; password: string }) {
  const answer = await context.request.post(address('/api/v1/session'), { headers: { 'X-Zaiti': '1' }, data: who })
  expect(answer.status(), `log in as ${who.name}`).toBe(200)
}

/** Opens, runs, closes; fails on any fault of the page. */
export async function visit(path: string, run: (page: Page) => Promise<void>, options: Look = {}) {
  const watched = await open(path, options)
  try {
    await run(watched.page)
    expect(watched.faults).toEqual([])
  } finally {
    await watched.close()
  }
}

export async function listed(page: Page): Promise<number> {
  await page.waitForSelector('h1[data-count]')
  await page.waitForSelector('#list[aria-busy="false"]')
  return Number(await page.getAttribute('h1[data-count]', 'data-count'))
}

/** Waits until the list says this many. */
export async function listsExactly(page: Page, count: number) {
  await page.waitForSelector(`h1[data-count="${count}"]`)
}

/** Waits until the map is at rest with at least this many features drawn. */
export async function drawn(page: Page, atLeast = 1): Promise<number> {
  await page.waitForFunction(
    (least) => Number(document.querySelector<HTMLElement>('[data-drawn]')?.dataset['drawn'] ?? -1) >= least,
    atLeast,
    { timeout: 45_000 },
  )
  return Number(await page.getAttribute('[data-drawn]', 'data-drawn'))
}

export async function getJson<T>(path: string): Promise<T> {
  const answer = await fetch(address(path))
  expect(answer.ok, `${path} answered ${answer.status}`).toBe(true)
  return (await answer.json()) as T
}

export async function logIn(page: Page, name: string, password: string) {
  const button = page.getByRole('button', { name: 'Log in' }).first()
  if (!(await button.isVisible())) await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('button', { name: 'Log in' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password').fill(password)
  await page.locator('form button.primary').click()
  await page.waitForFunction(() => document.querySelector('input[type=password]') === null)
}
