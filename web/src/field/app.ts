/** The installed app: its worker, its version, its manifest. */
import type { Journal } from './journal/journal'
import { onlyHere } from './journal/only'
import { TAG } from './sync/lock'

export interface Version {
  /** Of the page that runs. */
  running: string
  /** Of the worker that has another version ready; `null` while there is none. */
  ready: string | null
}

export function runningVersion(): string {
  return document.querySelector<HTMLMetaElement>('meta[name=version]')?.content ?? 'dev'
}

export function linkManifest() {
  if (document.querySelector('link[rel=manifest]')) return
  for (const [rel, href] of [
    ['manifest', '/field.webmanifest'],
    ['apple-touch-icon', '/icon-180.png'],
  ] as const) {
    const link = document.createElement('link')
    link.rel = rel
    link.href = href
    document.head.append(link)
  }
}

/** Registers the worker and says when another version than the running one is ready to take over. */
export async function startWorker(onReady: () => void): Promise<boolean> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return false
  const registration = await navigator.serviceWorker.register('/field-worker.js', { scope: '/field' })
  await navigator.serviceWorker.ready
  const look = async () => {
    if (await hasOther()) onReady()
  }
  navigator.serviceWorker.addEventListener('controllerchange', () => void look())
  registration.addEventListener('updatefound', () => {
    const coming = registration.installing
    coming?.addEventListener('statechange', () => void look())
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration.update().catch(() => undefined)
  })
  await look()
  return true
}

interface Waking {
  sync?: { register(tag: string): Promise<void> }
}

/** Whether the browser has promised to keep what is stored; it is asked to, where it has not. */
export async function isKept(): Promise<boolean> {
  const { storage } = navigator as { storage?: Partial<StorageManager> }
  const has = await storage?.persisted?.().catch(() => false)
  return has || (await storage?.persist?.().catch(() => false)) || false
}

/** Once the app is hidden it may be closed: what waits then asks for the worker. */
export function wakeWhenHidden(waits: () => boolean): () => void {
  const hidden = () => document.visibilityState === 'hidden' && waits() && void askToBeWoken()
  document.addEventListener('visibilitychange', hidden)
  return () => document.removeEventListener('visibilitychange', hidden)
}

/** Asks the browser to wake the worker once there is a link, also when the app is closed. Not every browser can. */
export async function askToBeWoken() {
  const registration = await navigator.serviceWorker?.getRegistration('/field')
  await (registration as (ServiceWorkerRegistration & Waking) | undefined)?.sync
    ?.register(TAG)
    .catch((error: unknown) => console.info('nothing is sent while the app is closed', error))
}

/** Whether a whole version other than the running one lies on the device. */
async function hasOther(): Promise<boolean> {
  const running = runningVersion()
  const names = (await caches.keys()).filter((name) => /^zaiti-field-[0-9a-f]+$/.test(name))
  const worker = await navigator.serviceWorker.ready
  if (worker.installing) return false
  return (
    names.some((name) => !name.endsWith(running)) &&
    (await pageIsThere(names.filter((name) => !name.endsWith(running))))
  )
}

async function pageIsThere(names: string[]): Promise<boolean> {
  for (const name of names) if (await (await caches.open(name)).match('/field')) return true
  return false
}

/** Switches to the new version; refused while anything is only here. */
export async function update(journal: Journal): Promise<boolean> {
  if ((await onlyHere(journal.store)) > 0) return false
  const { active } = await navigator.serviceWorker.ready
  const taken = new Promise<void>((resolve) => {
    navigator.serviceWorker.addEventListener('message', (event) => event.data === 'taken-over' && resolve())
  })
  active?.postMessage('take-over')
  await taken
  location.reload()
  return true
}
