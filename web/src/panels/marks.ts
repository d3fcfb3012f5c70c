import type { Availability } from '../api/types'
import type { MessageKey } from '../i18n/en'

/** The words beside each mark. */
export const MARK_KEYS: Record<Availability | 'unknown', MessageKey> = {
  now: 'status.now',
  from_date: 'status.from_date',
  never: 'status.never',
  unknown: 'status.unknown',
}
