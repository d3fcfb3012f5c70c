import { expect, it } from 'vitest'
import { launchOf, polygonOf, teamsOf } from './launch'

const FORM = { name: 'Year', deadline: '2027-01-31', pasted: '', stale: '', teams: '', start: '' }
const SCOPE = {
  collections: ['parcels'],
  states: { parcels: ['AVAILABLE', 'X'] },
  minutes: { parcels: 20 },
  area: null,
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

it('reads teams, one a line', () => {
  expect(teamsOf('North: ann, bob\n\nSouth:cy')).toEqual([
    { key: 't1', name: 'North', members: ['ann', 'bob'] },
    { key: 't2', name: 'South', members: ['cy'] },
  ])
})
