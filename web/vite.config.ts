import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { shell } from './scripts/shell.mjs'

const server = process.env['ZAITI_URL'] ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [svelte(), shell()],
  // Nothing is inlined as a data: address: the content security policy allows only files of our own server.
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/api': server, '/tiles': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
