import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const FILES = 2

/**
 * The browser tests: real Chromium against the real program. Two files at a time, each with a program and a store of its own: a phone's
 * tests mostly wait, for the seconds in which an answer can be taken back.
 */
export default defineConfig({
  root: here('..'),
  resolve: {
    alias: {
      'playwright-core': here('node_modules/playwright-core/index.mjs'),
      'read-excel-file/node': here('node_modules/read-excel-file/node/index.js'),
      '@axe-core/playwright': here('node_modules/@axe-core/playwright/dist/index.mjs'),
    },
  },
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: [here('../tests/browser/server.ts')],
    minWorkers: FILES,
    maxWorkers: FILES,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
