/** Words of the inbox in the page's language. */
import type { DecisionResult, ReviewResult } from '../../api/survey'
import { INBOX_MESSAGES, type InboxKey } from '../../i18n/inbox'
import { refusalData, refusalWord } from '../../i18n/refusals'
import { fillIn, isMessageKey, type Fill } from '../../i18n/text'
import { inventory } from '../inventory.svelte'
import { page } from '../page.svelte'
import { named, number, t } from '../words.svelte'
import { fieldValue } from './values'

export const say = (key: InboxKey, fill: Fill = {}) => fillIn(INBOX_MESSAGES[page.lang][key], fill)

/** On what evidence, in words. */
export function evidenceName(key: string | null | undefined): string {
  const word = `evidence.${key ?? ''}`
  return isMessageKey(word) ? t(word) : (key ?? '')
}

/** What a photo shows. */
export function photoName(collection: string | null, slot: string): string {
  const known = inventory.catalogue.collection(collection ?? '')?.photos.find((one) => one.key === slot)
  return named(known?.names) || slot
}

/** How far from the record a device was. */
export const awayText = (metres: number) => (metres === 0 ? say('onIt') : say('away', { n: number(metres) }))

/** Why a decision does not hold, in words: of a state that cannot be reached, what stands, what was said and what there is instead. */
export function refusal(
  { step, detail, reason }: Pick<ReviewResult | DecisionResult, 'step' | 'detail' | 'reason'>,
  collection: string | null,
): string {
  if (!step) {
    const word = refusalWord(page.lang, reason)
    if (!word) return detail || reason || ''
    const data = refusalData(detail)
    return data ? `${word} (${data})` : word
  }
  const name = (state: string) => fieldValue(collection, 'status', state)
  const fill = { from: name(step.from), to: name(step.to) }
  return step.allowed.length > 0
    ? say('noStep', { ...fill, allowed: step.allowed.map(name).join(', ') })
    : say('noStepAtAll', fill)
}
