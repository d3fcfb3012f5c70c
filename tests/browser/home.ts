/** Where the program runs that the tests of a file have to themselves: nothing that another file does is in its store. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, inject } from 'vitest'
import { start, STORE, type Serving } from './server'

const running = inject('running')
const own = running === null ? await serveCopy() : null
afterAll(() => own?.stop())

export function home(): string {
  return own?.url ?? running ?? ''
}

/** A program on a copy of the demo inventory, which is forgotten when it stops. */
export async function serveCopy(): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'zaiti-copy-'))
  cpSync(inject('loaded'), folder, { recursive: true })
  const serving = await start(join(folder, STORE), [])
  const stop = async () => {
    await serving.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...serving, stop }
}
