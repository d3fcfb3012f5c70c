/** What could not be done, in words, for buttons that have no place of their own for it. Until the next try it stays on every screen. */
import { NoRoom } from './journal/journal'
import { isNoRoom } from './journal/making'
import { BadPhoto } from './photos'
import { f } from './words.svelte'

export function inWords(error: unknown): string {
  if (error instanceof NoRoom || isNoRoom(error)) return f('notSaved.room')
  if (error instanceof BadPhoto) return f(`photo.${error.why}`, { most: error.most })
  return f('notSaved.other', { reason: error instanceof Error ? error.message : String(error) })
}

class Failure {
  words = $state('')

  say(words: string) {
    this.words = words
  }

  /** Runs what a button does. Whoever waits for it goes on in any case. */
  async unless(work: () => Promise<unknown>): Promise<void> {
    this.words = ''
    try {
      await work()
    } catch (error) {
      console.warn('a button could not do its work', error)
      this.words = inWords(error)
    }
  }
}

export const failure = new Failure()
