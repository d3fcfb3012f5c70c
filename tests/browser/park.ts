/** What waits for a person at the desk: edits of two devices that cannot both be written, and who decides on them. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { getJson } from './browser'
import { Person } from './campaign'

export interface Parcel {
  id: string
  bbox: [number, number, number, number]
  properties: Record<string, unknown> & { code: string; version: number }
}

type Listed = Pick<Parcel, 'id'> & { properties: { code: string; version: number } }

export interface Conflict {
  edit: string
  code: string
}

/** The demo's parcels and two people who write to them. */
export class Park {
  private constructor(
    readonly steward: Person,
    readonly staff: Person,
    private readonly parcels: Listed[],
  ) {}

  static async open(): Promise<Park> {
    const { features } = await getJson<{ features: Listed[] }>(
      '/api/v1/search?collection=parcels&sort=code&limit=300&geometry=none',
    )
    return new Park(await Person.logIn('test-steward'), await Person.logIn('test-staff'), features)
  }

  parcel(code: string): Promise<Parcel> {
    return this.staff.ok<Parcel>('GET', `/api/v1/carriers/${code}`)
  }

  at(place: number): Promise<Parcel> {
    const listed = this.parcels[place]
    if (!listed) throw new Error('the demo has too few parcels')
    return this.parcel(listed.properties.code)
  }

  /** As `conflict`, of a whole row of parcels that nobody has changed before: each is changed once, and then by others, who have not seen that, on one visit. */
  async conflicts([from, to]: [number, number], [first, ...others]: [object, ...object[]], visit = randomUUID()) {
    const targets = this.parcels.slice(from, to)
    const of = (set: object, note: object = {}) => {
      const device = randomUUID()
      return targets.map(({ id, properties: { version } }, at) => ({
        ...{ id: randomUUID(), collection: 'parcels', record: id, base_version: version, set },
        ...{ evidence: 'seen', observed_at: '2026-11-20T08:00:00Z', field: { device, counter: at + 1, ...note } },
      }))
    }
    expect(new Set(await outcomes(this.staff, of(first)))).toEqual(new Set(['applied']))
    for (const other of others)
      expect(new Set(await outcomes(this.steward, of(other, { visit })))).toEqual(new Set(['conflict']))
  }

  /** Two devices change the same fields on top of the same version; the second one stands some metres off. */
  async conflict(place: number, [first, second]: [object, object]): Promise<Conflict> {
    const target = await this.at(place)
    const [west, south, east, north] = target.bbox
    const base = { collection: 'parcels', record: target.id, evidence: 'seen', observed_at: '2026-11-20T08:00:00Z' }
    const { code, version } = target.properties
    const from = (counter: number, lat: number) => ({
      device: randomUUID(),
      counter,
      position: { lon: (west + east) / 2, lat, accuracy_m: 6 },
    })
    const one = { ...base, id: randomUUID(), base_version: version, set: first, field: from(3, (south + north) / 2) }
    expect(await sent(this.staff, one)).toBe('applied')
    const two = { ...base, id: randomUUID(), base_version: version, set: second, field: from(9, north + 0.002) }
    expect(await sent(this.steward, two)).toBe('conflict')
    return { edit: two.id, code }
  }
}

/** What became of an edit. */
export async function sent(who: Person, edit: object): Promise<string> {
  const [outcome] = await outcomes(who, [edit])
  return outcome ?? 'none'
}

async function outcomes(who: Person, edits: object[]): Promise<string[]> {
  const answer = await who.ok<{ receipts: { outcome: string }[] }>('POST', '/api/v1/edits', { edits })
  return answer.receipts.map((receipt) => receipt.outcome)
}
