/** Under which account the server takes what waits: the one that is logged in, or the one of this session that was ended meanwhile. */
import { session } from '../../api/client'
import { PATIENCE_MS } from '../../api/field'
import type { Viewer } from '../../api/types'

export const senderOf = (viewer: Viewer) => viewer.account ?? viewer.ended_account ?? null

/** Who is logged in by the server's word: another tab may have logged in or out since this one asked. */
export const viewerNow = () => session(AbortSignal.timeout(PATIENCE_MS))
