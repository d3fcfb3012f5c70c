/**
 * The service worker of the field app. It keeps the app itself; data lies in the journal, which it sends when the browser wakes it. Each version has its own cache, and which one is served is
 * written down: a new version is fetched beside the old one and served only when the page says so, which it does when nothing is unsent.
 */
import { TAG } from '../field/sync/lock'
import { sendWaiting } from './background'

/** Replaced by the build: the version, and the addresses that belong to it. */
const SHELL = JSON.parse('__SHELL__') as { version: string; files: string[] }
const PAGE = '/field'
const PREFIX = 'zaiti-field-'
const LEDGER = `${PREFIX}ledger`
const CURRENT = `${PAGE}/current-version`

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface AskEvent extends LifeEvent {
  request: Request
  respondWith(answer: Promise<Response>): void
}
interface ToldEvent extends LifeEvent {
  data: unknown
  source: { postMessage(message: unknown): void } | null
}
interface WakeEvent extends LifeEvent {
  tag: string
}
interface Worker {
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: AskEvent) => void): void
  addEventListener(type: 'message', listener: (event: ToldEvent) => void): void
  addEventListener(type: 'sync', listener: (event: WakeEvent) => void): void
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void>; matchAll(): Promise<{ postMessage(message: unknown): void }[]> }
}
const worker = self as unknown as Worker

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(activate()))
worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(takeOver())
})
worker.addEventListener('sync', (event) => {
  if (event.tag === TAG) event.waitUntil(sendWaiting())
})
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') {
    if (url.pathname === PAGE) event.respondWith(kept(PAGE, request))
  } else if (SHELL.files.includes(url.pathname) || url.pathname.startsWith('/assets/'))
    event.respondWith(kept(url.pathname, request))
})

/** Fetches all of this version or none of it. */
async function install() {
  const cache = await caches.open(PREFIX + SHELL.version)
  const page = await fetch(PAGE, { cache: 'no-cache' })
  // The server may have been changed in between: then this version is already history.
  if (!(await page.clone().text()).includes(SHELL.version))
    throw new Error(`the page is not of version ${SHELL.version}`)
  await cache.put(PAGE, page)
  await cache.addAll(SHELL.files)
  // The worker may take over at once: it goes on serving the version that is current.
  await worker.skipWaiting()
}

async function activate() {
  if (!(await current())) await setCurrent(SHELL.version)
  await worker.clients.claim()
}

async function current(): Promise<string | null> {
  const entry = await (await caches.open(LEDGER)).match(CURRENT)
  return entry ? entry.text() : null
}

async function setCurrent(version: string) {
  await (await caches.open(LEDGER)).put(CURRENT, new Response(version))
}

async function takeOver() {
  await setCurrent(SHELL.version)
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== LEDGER && name !== PREFIX + SHELL.version) await caches.delete(name)
  for (const client of await worker.clients.matchAll()) client.postMessage('taken-over')
}

/** From the cache of the current version; from the network only what it does not hold. */
async function kept(address: string, request: Request): Promise<Response> {
  const version = (await current()) ?? SHELL.version
  const cache = await caches.open(PREFIX + version)
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request)
}
