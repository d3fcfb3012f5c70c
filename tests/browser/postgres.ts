/** A PostgreSQL cluster of the tests' own, with PostGIS, on a socket in its own folder; it goes when the tests end, however they end. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const INSTALLED = '/usr/lib/postgresql'
/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
const owner = process.getuid?.() === 0 ? (spawnSync('id', ['postgres']).status === 0 ? 'postgres' : 'nobody') : null

export class Cluster {
  private constructor(
    private readonly folder: string,
    /** Stops the server and removes the folder once its input closes, which it does even when we are killed. */
    private readonly janitor: ChildProcess,
  ) {}

  static start(): Cluster {
    const folder = mkdtempSync(join(tmpdir(), 'zaiti-pg-'))
    if (owner) execFileSync('chown', [owner, folder])
    const data = join(folder, 'data')
    const stop = asOwner('pg_ctl', ['stop', '-w', '-s', '-m', 'immediate', '-D', data]).join(' ')
    const script = `cat >/dev/null; ${stop}; rm -rf ${folder}`
    const how = { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] as ['pipe', 'ignore', 'ignore'] }
    const cluster = new Cluster(folder, spawn('sh', ['-c', script], how))
    run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'])
    const options = `-c listen_addresses= -c unix_socket_directories=${folder}`
    run('pg_ctl', ['start', '-w', '-s', '-D', data, '-l', join(folder, 'log'), '-o', options])
    cluster.sql('postgres', 'CREATE DATABASE zaiti')
    cluster.sql('zaiti', 'CREATE EXTENSION postgis')
    return cluster
  }

  /** Where it is, as the program takes it. */
  get store(): string {
    return `postgres://postgres@localhost/zaiti?host=${this.folder}`
  }

  stop() {
    this.janitor.stdin?.end()
  }

  private sql(database: string, statement: string) {
    run('psql', ['-h', this.folder, '-U', 'postgres', '-d', database, '-v', 'ON_ERROR_STOP=1', '-qc', statement])
  }
}

function asOwner(program: string, words: string[]): string[] {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(a) - Number(b)) : []
  const newest = versions.filter((one) => existsSync(join(INSTALLED, one, 'bin/initdb'))).at(-1)
  if (!newest) throw new Error('the tests need PostgreSQL with PostGIS: apt-get install postgresql-15-postgis-3')
  return [...(owner ? ['runuser', '-u', owner, '--'] : []), join(INSTALLED, newest, 'bin', program), ...words]
}

function run(program: string, words: string[]) {
  const [command = '', ...rest] = asOwner(program, words)
  // The server must not hold the pipes of its starter: it would be waited for.
  execFileSync(command, rest, { cwd: '/', stdio: 'ignore' })
}
