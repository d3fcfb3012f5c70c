import { expect, it } from 'vitest'
import { addressOf, launchOf, pastedOf, polygonOf, startOf, teamsOf, unseenSince } from './launch'

const FORM = { name: 'Year', deadline: '2027-01-31', pasted: '', teams: '', start: '' }
const SCOPE = {
  collections: ['parcels'],
  states: { parcels: ['AVAILABLE', 'X'] },
  minutes: { parcels: 20 },
  area: null,
  more: {},
}

it('searches by state, or by what a pasted address says', () => {
  expect(launchOf('1', FORM, SCOPE)).toMatchObject({
    search: { parcels: 'status=AVAILABLE,X' },
    area: null,
    start: null,
    minutes: { parcels: 20 },
  })
  const pasted = '/desk?collection=buildings&area_min=500&bbox=1,2,3,4&lang=de'
  const launch = launchOf('1', { ...FORM, pasted, start: '120.9, 31.8' }, SCOPE)
  expect(launch.search).toEqual({ parcels: 'status=AVAILABLE,X', buildings: 'area_min=500' })
  expect(launch.area).toMatchObject({
    coordinates: [
      [
        [1, 2],
        [3, 2],
        [3, 4],
        [1, 4],
        [1, 2],
      ],
    ],
  })
  expect(launch.start).toEqual({ lon: 120.9, lat: 31.8 })
  const area = polygonOf([5, 6, 7, 8])
  expect(launchOf('1', { ...FORM, pasted }, { ...SCOPE, area }).area).toBe(area)
})

it('adds what is asked of all to what each is searched by', () => {
  const more = { parcels: unseenSince('seen_on', '2026-06-01'), buildings: unseenSince('seen_on', '2026-06-01') }
  const pasted = '/desk?collection=buildings&seen_on_max=2026-01-01&area_min=500'
  expect(launchOf('1', { ...FORM, pasted }, { ...SCOPE, more }).search).toEqual({
    parcels: 'status=AVAILABLE,X&seen_on_max=2026-06-01&seen_on_unknown=include',
    buildings: 'seen_on_max=2026-06-01&area_min=500&seen_on_unknown=include',
  })
})

it('takes a search to a campaign and back unchanged', () => {
  const searched = {
    collection: 'buildings',
    filters: { seen_on_max: '2026-06-01', q: 'a & b' },
    bbox: [1, 2, 3, 4] as [number, number, number, number],
  }
  expect(pastedOf(addressOf(searched))).toMatchObject(searched)
  expect(pastedOf(addressOf({ collection: 'parcels', filters: {}, bbox: null }))).toMatchObject({
    collection: 'parcels',
  })
  expect(pastedOf('nothing of the kind')).toBeNull()
})

it.each([
  ['120.98, 31.86', { lon: 120.98, lat: 31.86 }],
  ['120.98,31.86', { lon: 120.98, lat: 31.86 }],
  ['120.98\uff0c31.86', { lon: 120.98, lat: 31.86 }],
  [' 120.98  31.86 ', { lon: 120.98, lat: 31.86 }],
  ['120,98; 31,86', { lon: 120.98, lat: 31.86 }],
  ['120,98 31,86', { lon: 120.98, lat: 31.86 }],
  ['-0.5, -31', { lon: -0.5, lat: -31 }],
  ['', null],
  ['  ', null],
  ['31.86, 120.98', undefined],
  ['120.98', undefined],
  ['120.98,', undefined],
  ['120.98, 31.86, 5', undefined],
  ['the gate', undefined],
])('reads the start point %j', (text, place) => expect(startOf(text)).toEqual(place))

it('reads teams, one a line', () => {
  expect(teamsOf('North: ann, bob\n\nSouth\uff1acy\uff0cdi')).toEqual([
    { key: 't1', name: 'North', members: ['ann', 'bob'] },
    { key: 't2', name: 'South', members: ['cy', 'di'] },
  ])
})
