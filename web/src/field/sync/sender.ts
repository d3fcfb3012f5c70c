/** Under which account the server takes what waits: the one that is logged in, or the one of this session that was ended meanwhile. */
import { session } from '../../api/client'

export async function sender(): Promise<string | null> {
  const viewer = await session().catch(() => null)
  return viewer?.account ?? viewer?.ended_account ?? null
}
