/** Who is logged in here, asked anew: another tab may have logged in or out since this page asked. */
import { inventory } from '../state/inventory.svelte'
import type { Viewer } from '../api/types'
import { viewerNow } from './sync/sender'

/** Where it is somebody else than this page knows, all that the page knows is asked for anew. */
export async function askViewer(): Promise<Viewer> {
  const viewer = await viewerNow()
  if (viewer.account !== inventory.viewer.account) await inventory.load()
  return viewer
}
