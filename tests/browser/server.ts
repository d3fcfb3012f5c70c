/** Starts the program for the browser tests: on a store with the demo inventory and an account per role, which is loaded once. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a program runs that is to be tested, if one does. */
    running: string | null
    /** A folder with a store that each file has a copy of. */
    loaded: string
  }
}

/** Accounts that the tests log in with. */
export const PASSWORD = 'browser-tests-only-4711'
export const ROLES = ['surveyor', 'staff', 'steward'] as const
const START_MS = 60_000
export const STORE = 'demo.gpkg'

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'zaiti-browser-'))
  project.provide('running', process.env['ZAITI_URL'] ?? null)
  project.provide('loaded', folder)
  load(join(folder, STORE), [])
  return () => rmSync(folder, { recursive: true, force: true })
}

export interface Serving {
  url: string
  /** Stops it and waits for its end. */
  stop: () => Promise<void>
  /** Stops it, runs a command on its store, and starts it again where it was. */
  without: (command: string[]) => Promise<void>
}

/** The program on a fresh store with the demo inventory and the accounts; `more` goes to each of its commands. */
export function serve(store: string, more: string[]): Promise<Serving> {
  load(store, more)
  return start(store, more)
}

function program(): string {
  const binary = process.env['ZAITI_BIN'] ?? fileURLToPath(new URL('../../target/debug/zaiti', import.meta.url))
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it with cargo build, or name it in ZAITI_BIN`)
  return binary
}

function load(store: string, more: string[]) {
  execFileSync(program(), ['demo', 'load', '--store', store, ...more], { stdio: 'pipe' })
  for (const role of ROLES) {
    const account = ['account', 'add', `test-${role}`, '--role', role, '--password-stdin', '--store', store, ...more]
    execFileSync(program(), account, { input: `${PASSWORD}\n` })
  }
}

/** The program on a store that was loaded before. */
export async function start(store: string, more: string[]): Promise<Serving> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const serving = ['serve', '--store', store, '--listen', `127.0.0.1:${port}`, ...more]
  const begin = async () => {
    const server = spawn(program(), serving, { stdio: 'ignore' })
    await ready(url, server)
    return server
  }
  let server = await begin()
  const stop = async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
  }
  const without = async (command: string[]) => {
    await stop()
    execFileSync(program(), [...command, '--store', store, ...more], { stdio: 'pipe' })
    server = await begin()
  }
  return { url, stop, without }
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
