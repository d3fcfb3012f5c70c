/** A campaign on the real program, launched as a steward would. */
import { randomUUID } from 'node:crypto'
import { expect, inject } from 'vitest'
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

  static async logIn(name: string, url = inject('url')): Promise<Person> {
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

export interface Campaign {
  id: string
  numbers: Record<string, number>
  targets: {
    code: string
    record: string
    point: [number, number]
    state: string
    visit: { id: string; outcome: string; photos: unknown[] } | null
  }[]
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
