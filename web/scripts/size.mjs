// Fails when the first view needs more script than the budget. The map engine comes later and is not counted.
import { readdirSync, readFileSync, statSync } from 'node:fs'

const BUDGET_BYTES = 150_000
const dist = new URL('../dist/', import.meta.url)
const html = readFileSync(new URL('index.html', dist), 'utf8')
const first = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1] ?? '')
const bytes = first.reduce((sum, name) => sum + statSync(new URL(name, dist)).size, 0)
const later = readdirSync(new URL('assets/', dist)).filter((name) => /\.m?js$/.test(name)).length - first.length
console.log(`first view: ${first.length} script, ${bytes} bytes of ${BUDGET_BYTES}; ${later} more on demand`)
if (first.length === 0 || bytes > BUDGET_BYTES) {
  console.error('the first view is over its budget of script')
  process.exit(1)
}
