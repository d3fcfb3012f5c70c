/** A campaign on the real program, launched as a steward would. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { home } from './home'
import { PASSWORD } from './server'

interface Answer {
  status: number
  body: unknown
}

/** Talks to the program as somebody. */
export class Person {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  static async logIn(name: string, url = home()): Promise<Person> {
    const body = JSON.stringify({ name, password: PASSWORD })
    const headers = { 'Content-Type': 'application/json', 'X-Zaiti': '1' }
    const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body })
    expect(answer.ok, `log in as ${name}: ${answer.status}`).toBe(true)
    return new Person(
      url,
      answer.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; '),
    )
  }

  async ask(method: string, path: string, content?: unknown): Promise<Answer> {
    const headers = { 'Content-Type': 'application/json', 'X-Zaiti': '1', Cookie: this.cookie }
    const body = content === undefined ? null : JSON.stringify(content)
    const answer = await fetch(this.url + path, { method, headers, body })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : null }
  }

  async bytes(path: string): Promise<Buffer> {
    const answer = await fetch(this.url + path, { headers: { Cookie: this.cookie } })
    expect(answer.status, path).toBe(200)
    return Buffer.from(await answer.arrayBuffer())
  }

  /** Sends bytes. */
  async put(path: string, body: Uint8Array): Promise<unknown> {
    const headers = { 'Content-Type': 'application/octet-stream', 'X-Zaiti': '1', Cookie: this.cookie }
    const answer = await fetch(this.url + path, { method: 'PUT', headers, body: new Uint8Array(body) })
    return answer.json()
  }

  async ok<T>(method: string, path: string, content?: unknown): Promise<T> {
    const { status, body } = await this.ask(method, path, content)
    expect(status, `${method} ${path}: ${JSON.stringify(body)}`).toBeLessThan(300)
    return body as T
  }
}

export interface Target {
  code: string
  record: string
  point: [number, number]
  state: string
  zone: string | null
  visit: { id: string; outcome: string; photos: unknown[] } | null
}

export interface Zone {
  key: string
  name: string
  team: string | null
  day: string | null
  minutes: number
  numbers: Record<string, number>
  signed: { by: string } | null
}

export interface Campaign {
  id: string
  numbers: Record<string, number>
  targets: Target[]
  zones: Zone[]
  log: { what: string; reason: string; about: string[] }[]
}

/** All available parcels, for two teams; in no zone yet. */
export async function launchBare(steward: Person, name: string): Promise<Campaign> {
  return steward.ok<Campaign>('POST', '/api/v1/campaigns', {
    id: randomUUID(),
    name,
    deadline: '2027-12-31',
    collections: ['parcels'],
    search: 'status=AVAILABLE',
    start: { lon: 120.98, lat: 31.86 },
    minutes: { parcels: 15 },
    teams: [
      { key: 'a', name: 'Team A', members: ['test-surveyor'] },
      { key: 'b', name: 'Team B', members: ['test-staff'] },
    ],
    required_photos: { parcels: [] },
  })
}

export const readCampaign = (person: Person, id: string) => person.ok<Campaign>('GET', `/api/v1/campaigns/${id}`)

export const zone = (person: Person, id: string, zones: object[]) =>
  person.ok<Campaign>('PUT', `/api/v1/campaigns/${id}/zones`, { zones })

/** Visits as a phone sends them. */
export async function send(surveyor: Person, campaign: Campaign, codes: readonly string[], outcome = 'confirmed') {
  const device = randomUUID()
  const visits = codes.map((code, at) => ({
    id: randomUUID(),
    campaign: campaign.id,
    record: campaign.targets.find((one) => one.code === code)?.record,
    base_version: 1,
    outcome,
    reason: outcome === 'confirmed' || outcome === 'changed' ? null : 'The gate was locked',
    observed_at: new Date().toISOString(),
    device,
    counter: at + 1,
  }))
  const answer = await surveyor.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/visits', { visits })
  expect(answer.receipts.map((one) => one.outcome)).toEqual(codes.map(() => 'applied'))
}

/** All available parcels, for the team of the test surveyor. */
export async function launch(steward: Person, photos: string[] = []): Promise<Campaign> {
  const id = randomUUID()
  await steward.ok('POST', '/api/v1/campaigns', {
    id,
    name: 'Jahresende · 年终盘点',
    deadline: '2027-12-31',
    collections: ['parcels'],
    search: 'status=AVAILABLE',
    start: { lon: 120.98, lat: 31.86 },
    minutes: { parcels: 15 },
    teams: [{ key: 'a', name: 'Team A', members: ['test-surveyor'] }],
    required_photos: { parcels: photos },
  })
  const polygon = {
    type: 'Polygon',
    coordinates: [
      [
        [120.5, 31.5],
        [121.5, 31.5],
        [121.5, 32.5],
        [120.5, 32.5],
        [120.5, 31.5],
      ],
    ],
  }
  const zone = { key: 'all', name: 'All', polygon, team: 'a', day: '2027-01-04' }
  await steward.ok('PUT', `/api/v1/campaigns/${id}/zones`, { zones: [zone] })
  return steward.ok<Campaign>('GET', `/api/v1/campaigns/${id}`)
}
