// The field app's shell: finds what the phone needs without network, gives it a version, and writes both into the service worker and the page.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const WORKER = 'field-worker.js'
const START = /src\/field\/FieldApp\.svelte$/
const PUBLIC = ['icon.svg', 'icon-180.png', 'icon-192.png', 'icon-512.png', 'icon-mask-512.png', 'field.webmanifest']

export function shell() {
  return {
    name: 'field-shell',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((one) => one.type === 'chunk')
        const entry = chunks.find((one) => one.isEntry)
        const field = chunks.find((one) => one.moduleIds.some((id) => START.test(id)))
        if (!entry || !field) throw new Error('the build has no entry or no field app')
        const needed = new Set()
        gather(bundle, entry.fileName, needed, false)
        gather(bundle, field.fileName, needed, true)
        // Files that are named in code only, such as the map engine's worker.
        for (const one of Object.values(bundle))
          if (one.type === 'asset' && /worker.*\.mjs$/.test(one.fileName)) needed.add(one.fileName)
        const names = [...needed].sort()
        const hash = createHash('sha256').update(names.join('\n'))
        for (const name of PUBLIC) hash.update(readFileSync(new URL(`../public/${name}`, import.meta.url)))
        const code = await workerCode()
        hash.update(code)
        const page = bundle['index.html']
        const version = hash.update(String(page.source)).digest('hex').slice(0, 12)
        page.source = String(page.source).replace('__VERSION__', version)
        const files = [...names, ...PUBLIC].map((name) => `/${name}`)
        const text = JSON.stringify(JSON.stringify({ version, files }))
        // The minifier chooses the quotes.
        const source = code.replace(/(["'`])__SHELL__\1/, () => text)
        if (!source.includes(version)) throw new Error('the service worker has no place for its version')
        this.emitFile({ type: 'asset', fileName: WORKER, source })
      },
    },
  }
}

/** The worker as one plain script: not every browser takes a worker that is made of modules. Its name is its identity. */
async function workerCode() {
  const input = fileURLToPath(new URL('../src/worker/field.ts', import.meta.url))
  const output = { format: 'iife', entryFileNames: WORKER }
  const rollupOptions = { input, output }
  const how = { write: false, target: 'es2022', modulePreload: false, copyPublicDir: false, rollupOptions }
  const made = await build({ configFile: false, logLevel: 'warn', build: how })
  const [chunk] = [made].flat().flatMap((one) => one.output)
  return chunk.code
}

/** A chunk, what it imports, and its styles; with `later`, what it loads on demand too. */
function gather(bundle, name, needed, later) {
  const chunk = bundle[name]
  if (needed.has(name) || chunk?.type !== 'chunk') return
  needed.add(name)
  for (const style of chunk.viteMetadata?.importedCss ?? []) needed.add(style)
  for (const asset of chunk.viteMetadata?.importedAssets ?? []) needed.add(asset)
  for (const one of chunk.imports) if (!bundle[one]?.isEntry) gather(bundle, one, needed, later)
  if (later) for (const one of chunk.dynamicImports) gather(bundle, one, needed, true)
}
