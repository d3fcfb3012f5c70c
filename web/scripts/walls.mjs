// The walls of the web app: who may fetch, who may touch the map, which folder knows no domain word, how long a component may be,
// and that no attribute of the catalogue is named outside the typed core fields.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const MAX_COMPONENT_LINES = 200
const MAX_SCRIPT_LINES = 300
const src = new URL('../src/', import.meta.url).pathname
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter(
    (entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name) && !/\.test\.ts$|schema\.d\.ts$/.test(entry.name),
  )
  .map((entry) => relative(src, join(entry.parentPath ?? entry.path, entry.name)))
const faults = []
const attributes = attributeKeys()

for (const file of files) {
  const text = readFileSync(join(src, file), 'utf8')
  const folder = file.split('/')[0]
  // Rules for looks are data: a component's length is that of its script and markup.
  const lines = text.replace(/<style>[\s\S]*<\/style>/, '').split('\n').length
  const longest = file.endsWith('.svelte') ? MAX_COMPONENT_LINES : MAX_SCRIPT_LINES
  if (lines > longest && folder !== 'i18n') faults.push(`${file}: ${lines} lines, at most ${longest}`)
  if (/\bfetch\(|new EventSource|XMLHttpRequest/.test(text) && folder !== 'api' && folder !== 'worker')
    faults.push(`${file}: only api/ and the service worker may fetch`)
  if (/from 'maplibre-gl/.test(text) && folder !== 'map') faults.push(`${file}: only map/ may touch the map engine`)
  if (folder === 'ui' && /from '\.\.\/(?!ui)/.test(text)) faults.push(`${file}: ui/ may import only from ui/`)
  if (/\bany\b(?=[;,)\]>\s=]*$)|: any\b|as any\b/m.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')))
    faults.push(`${file}: no any`)
  if (/<[a-z][^>]*\sstyle="/.test(text))
    faults.push(`${file}: style attributes are blocked by the content security policy`)
  if (file === 'catalogue/core.ts') continue
  for (const [, , quoted] of text.matchAll(/(['"`])([a-z][a-z0-9_]+)\1/g))
    if (attributes.has(quoted) && quoted.includes('_')) faults.push(`${file}: names the attribute ${quoted}`)
}

function attributeKeys() {
  const folder = new URL('../../data/catalogue/', import.meta.url).pathname
  try {
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    return new Set(texts.flatMap((text) => [...text.matchAll(/^key = "([a-z0-9_]+)"/gm)].map((match) => match[1])))
  } catch {
    return new Set()
  }
}

for (const fault of faults) console.error(fault)
console.log(`walls: ${files.length} files, ${faults.length} faults`)
process.exit(faults.length === 0 ? 0 : 1)
