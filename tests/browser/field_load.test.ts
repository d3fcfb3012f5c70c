/** A long time without network, and then a slow link: what the app needs of memory does not depend on how much waits. */
import { createHash, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launch, Person, type Campaign } from './campaign'
import { home } from './home'
import { Phone, picture } from './phone'
import { Relay } from './relay'

/** `make soak` sets the full size. */
const EDITS = Number(process.env['ZAITI_SOAK_EDITS'] ?? 1_000)
const PHOTOS = Number(process.env['ZAITI_SOAK_PHOTOS'] ?? 60)
const EDITS_OF_A_VISIT = 10
const PHOTO_PX = 300
const UPLOAD_BYTES_PER_S = 1_500_000
/** However many entries and photos there are: what the screens hold of them, and what is in hand while sending. */
const MOST_AT_REST_BYTES = 1_000_000
const MOST_GROWTH_BYTES = 5_000_000
const PATIENCE_MS = 120_000 + EDITS * 60 + PHOTOS * 3_000

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

interface Seed {
  entries: Record<string, unknown>[]
  photos: { sha256: string; base64: string }[]
}

/** Entries as the app makes them, from a counter on: a visit with its edits and perhaps a photo. */
function visit(at: number, counter: number, device: string, withPhoto: boolean): Seed {
  const target = campaign.targets[at % campaign.targets.length] ?? { code: '', record: '' }
  const { code, record } = target
  const [id, savedAt] = [randomUUID(), Date.now() - 3_600_000]
  const observed_at = new Date(savedAt + counter).toISOString()
  const about = { campaign: campaign.id, record, code, visit: id, account: 'test-surveyor', savedAt, state: 'saved' }
  const photos: Seed['photos'] = []
  const entries: Seed['entries'] = []
  const taken: Record<string, unknown>[] = []
  if (withPhoto) {
    const { buffer, mimeType } = picture(PHOTO_PX, counter)
    const sha256 = createHash('sha256').update(buffer).digest('hex')
    taken.push({ sha256, bytes: buffer.length, media_type: mimeType, slot: 'overview', taken_at: observed_at })
    photos.push({ sha256, base64: buffer.toString('base64') })
    entries.push({ ...about, kind: 'photo', id: randomUUID(), counter: counter++, payload: taken[0], received: 0 })
  }
  const edits = Array.from({ length: EDITS_OF_A_VISIT }, (_, n) => {
    const [edit, value] = [randomUUID(), `Occupier ${at} ${n}, as the sign at the gate says`]
    const field = { device, counter: counter + n, visit: id }
    const payload = {
      id: edit,
      collection: 'parcels',
      record,
      base_version: 1,
      set: { occupier: value },
      observed_at,
      evidence: 'seen',
      field,
    }
    entries.push({ ...about, kind: 'edit', id: edit, counter: counter + n, payload, before: { occupier: null } })
    return edit
  })
  counter += EDITS_OF_A_VISIT
  const payload = {
    id,
    campaign: campaign.id,
    record,
    base_version: 1,
    outcome: 'changed',
    observed_at,
    device,
    counter,
    edits,
    photos: taken,
  }
  entries.push({ ...about, kind: 'visit', id, counter, payload })
  return { entries, photos }
}

/** Writes into the journal beside the app. */
function write(seed: Seed): Promise<void> {
  return phone.page.evaluate(async ({ entries, photos }) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const opening = indexedDB.open('zaiti-field')
      opening.onsuccess = () => resolve(opening.result)
    })
    const writing = database.transaction(['entries', 'photos', 'meta'], 'readwrite')
    for (const entry of entries) writing.objectStore('entries').put(entry)
    const last = entries[entries.length - 1] as { counter: number }
    writing.objectStore('meta').put({ key: 'counter', value: last.counter })
    for (const { sha256, base64 } of photos) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
      const original = new Blob([bytes], { type: 'image/png' })
      writing.objectStore('photos').put({ sha256, original, thumb: original.slice(0, 100) })
    }
    await new Promise((resolve) => (writing.oncomplete = resolve))
    database.close()
  }, seed)
}

async function seed(device: string): Promise<number> {
  const visits = EDITS / EDITS_OF_A_VISIT
  const places = new Set(Array.from({ length: PHOTOS }, (_, at) => Math.floor((at * visits) / PHOTOS)))
  let counter = 1
  for (let at = 0; at < visits; at += 1) {
    const made = visit(at, counter, device, places.has(at))
    counter += made.entries.length
    await write(made)
  }
  return counter - 1
}

/** Bytes that the page holds, with what its strings and buffers hold outside of the script's heap. */
async function held(): Promise<number> {
  await phone.cdp.send('HeapProfiler.collectGarbage')
  const usage = await phone.cdp.send('Runtime.getHeapUsage')
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = usage as Record<string, number>
  return (usedSize ?? 0) + embedderHeapUsedSize + backingStorageSize
}

it(
  `${EDITS} edits and ${PHOTOS} photos go over a slow link without growth of memory`,
  { timeout: PATIENCE_MS },
  async () => {
    campaign = await launch(steward)
    phone = await Phone.make(relay.url)
    await phone.ready(campaign)
    await phone.page.locator('[data-sync=idle]').first().waitFor()
    await phone.cdp.send('HeapProfiler.enable')
    const device = await phone.page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const opening = indexedDB.open('zaiti-field')
          opening.onsuccess = () => {
            const asking = opening.result.transaction('meta').objectStore('meta').get('device')
            asking.onsuccess = () => {
              opening.result.close()
              resolve((asking.result as { value: string }).value)
            }
          }
        }),
    )
    const empty = await held()
    relay.isDown = true
    const all = await seed(device)
    await phone.page.reload()
    await phone.page.locator(`[data-unsent="${all}"]`).first().waitFor()
    const full = await held()
    const started = Date.now()
    relay.isDown = false
    await phone.link(false, UPLOAD_BYTES_PER_S)
    await phone.page.evaluate(() => dispatchEvent(new Event('online')))
    let most = full
    const unsent = async () => Number(await phone.page.locator('[data-unsent]').first().getAttribute('data-unsent'))
    await expect
      .poll(
        async () => {
          most = Math.max(most, await held())
          return unsent()
        },
        { timeout: PATIENCE_MS - 60_000, interval: 1_000 },
      )
      .toBe(0)
    const seconds = (Date.now() - started) / 1_000
    const after = await held()
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1)
    console.info(
      `${all} entries with ${PHOTOS} photos in ${seconds.toFixed(0)} s; held: ${mb(empty)} MB empty, ${mb(full)} MB with all waiting, ` +
        `at most ${mb(most)} MB while sending, ${mb(after)} MB after`,
    )
    expect(full - empty, 'holds what waits').toBeLessThan(MOST_AT_REST_BYTES)
    expect(most - empty, 'grows with what waits').toBeLessThan(MOST_GROWTH_BYTES)
    expect(after - empty, 'keeps what was sent').toBeLessThan(MOST_GROWTH_BYTES)
    const states = new Set((await phone.journal()).map((entry) => entry.state))
    expect([...states].filter((state) => state !== 'applied' && state !== 'merged')).toEqual([])
    const { numbers } = await steward.ok<Campaign>('GET', `/api/v1/campaigns/${campaign.id}`)
    expect(numbers).toMatchObject({ photos_taken: PHOTOS, photos_verified: PHOTOS })
  },
)
