/** Starts the program for the browser tests, once for each file that runs at the same time: a store with the demo inventory and an account per role. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    urls: string[]
  }
}

/** Accounts that the tests log in with. */
export const PASSWORD = 'browser-tests-only-4711'
export const ROLES = ['surveyor', 'staff', 'steward'] as const
const START_MS = 60_000

export default async function setup(project: TestProject): Promise<() => void> {
  const running = process.env['ZAITI_URL']
  if (running) {
    project.provide('urls', [running])
    return () => undefined
  }
  const folder = mkdtempSync(join(tmpdir(), 'zaiti-browser-'))
  const numbers = Array.from({ length: project.vitest.config.maxWorkers as number }, (_, at) => at)
  const servers = await Promise.all(numbers.map((at) => serve(join(folder, `demo-${at}.gpkg`))))
  project.provide(
    'urls',
    servers.map((one) => one.url),
  )
  return () => {
    for (const server of servers) server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface Serving {
  url: string
  stop: () => void
  /** Stops it, runs a command on its store, and starts it again where it was. */
  without: (command: string[]) => Promise<void>
}

/** The program on a fresh store with the demo inventory and the accounts; `more` goes to each of its commands. */
export async function serve(store: string, more: string[] = []): Promise<Serving> {
  const binary = process.env['ZAITI_BIN'] ?? fileURLToPath(new URL('../../target/debug/zaiti', import.meta.url))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it with cargo build, or name it in ZAITI_BIN`)
  execFileSync(binary, ['demo', 'load', '--store', store, ...more], { stdio: 'pipe' })
  for (const role of ROLES) {
    const account = ['account', 'add', `test-${role}`, '--role', role, '--password-stdin', '--store', store, ...more]
    execFileSync(binary, account, { input: `${PASSWORD}\n` })
  }
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const serving = ['serve', '--store', store, '--listen', `127.0.0.1:${port}`, ...more]
  const start = async () => {
    const server = spawn(binary, serving, { stdio: 'ignore' })
    await ready(url, server)
    return server
  }
  let server = await start()
  const without = async (command: string[]) => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
    execFileSync(binary, [...command, '--store', store, ...more], { stdio: 'pipe' })
    server = await start()
  }
  return { url, stop: () => void server.kill('SIGTERM'), without }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

async function ready(url: string, server: ChildProcess): Promise<void> {
  const end = Date.now() + START_MS
  while (Date.now() < end) {
    if (server.exitCode !== null) throw new Error(`the program ended with ${server.exitCode}`)
    const answer = await fetch(`${url}/readyz`).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the program did not become ready')
}
