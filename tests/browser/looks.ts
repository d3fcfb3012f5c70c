/** What every screen of the phone has to stand: axe, no text cut off, nothing wider than the screen, targets for thumbs. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { shoot } from './desk'

export async function looksRight(page: Page, name: string, picture = name) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // Rows that happen to lie half under the bar at this moment; sizes are measured more strictly below.
    .disableRules(['target-size'])
    .analyze()
  await shoot(page, picture)
  const told = violations.map((one) => {
    const nodes = one.nodes.map((node) => node.target.join(' ')).slice(0, 3)
    return `${name}: ${one.id} ${nodes.join(' | ')}`
  })
  expect(told).toEqual([])
  const { wide, cut, small } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    cut: [...document.querySelectorAll<HTMLElement>('main button, nav a, main li')]
      .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.textContent?.trim()),
    small: [...document.querySelectorAll<HTMLElement>('main button, main a, nav a, main select, main label.take')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
      .map((one) => `${one.textContent?.trim()} ${one.getBoundingClientRect().height}`),
  }))
  expect(wide, `${name} is too wide`).toBeLessThanOrEqual(0)
  expect(cut, `${name} cuts text off`).toEqual([])
  expect(small, `${name} has small targets`).toEqual([])
}
