/** What every page has to stand: axe, and nothing wider than the screen; on the phone no text cut off and targets for thumbs too. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { shoot } from './desk'

/** axe looks at several views in one test, which takes long on a busy machine. */
export const AXE_MS = 180_000

/** What axe finds, and whether the page is wider than the screen. */
export async function faultless(page: Page, where: string, without: string[] = []) {
  const { violations } = await new AxeBuilder({ page })
    // What passes is not told one by one: on a long page that takes long. No page here has frames.
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .disableRules(without)
    .analyze()
  const told = violations.map((one) => {
    const places = one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.failureSummary ?? ''}`)
    return `${where}: ${one.id} ${places.join(' | ')}`
  })
  expect(told).toEqual([])
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(wide, `${where} is wider than the screen`).toBeLessThanOrEqual(0)
}

export async function looksRight(page: Page, name: string, picture = name) {
  await shoot(page, picture)
  // Rows that happen to lie half under the bar at this moment; sizes are measured more strictly below.
  await faultless(page, name, ['target-size'])
  const { cut, small } = await page.evaluate(() => ({
    cut: [...document.querySelectorAll<HTMLElement>('main button, nav a, main li')]
      .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.textContent?.trim()),
    small: [...document.querySelectorAll<HTMLElement>('main button, main a, nav a, main select, main label.take')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
      .map((one) => `${one.textContent?.trim()} ${one.getBoundingClientRect().height}`),
  }))
  expect(cut, `${name} cuts text off`).toEqual([])
  expect(small, `${name} has small targets`).toEqual([])
}
