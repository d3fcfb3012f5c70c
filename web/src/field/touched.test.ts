import { expect, it } from 'vitest'
import { Touched } from './touched'

it('reads what comes meanwhile in one go after what is being read', async () => {
  const read: string[][] = []
  let go: () => void = () => undefined
  const touched = new Touched((records) => {
    read.push(records)
    return new Promise((resolve) => (go = resolve))
  })
  const whole = touched.add(['a', 'b', 'c'])
  void touched.add(['b'])
  const last = touched.add(['d', 'b'])
  expect(read).toEqual([['a', 'b', 'c']])
  go()
  await expect.poll(() => read.length).toBe(2)
  expect(read[1]).toEqual(['b', 'd'])
  go()
  await Promise.all([whole, last])
  await touched.add([])
  expect(read.length).toBe(2)
})

it('keeps what it could not read until something comes', async () => {
  const read: string[][] = []
  let isBroken = true
  const touched = new Touched((records) => {
    read.push(records)
    return isBroken ? Promise.reject(new Error('disk')) : Promise.resolve()
  })
  await expect(touched.add(['a'])).rejects.toThrow('disk')
  isBroken = false
  await touched.add(['b'])
  expect(read).toEqual([['a'], ['a', 'b']])
})
