/** The place of the focus in a list of cards that are decided on one by one. */
import { untrack } from 'svelte'

export class Place {
  private at = -1

  /**
   * `cards` are the elements in their order; `parts` reads all that takes cards, or fields of them, out of the page.
   * Where the focus goes with what is taken out, the card in its place has it in the same turn: a key that follows at once
   * has somewhere to go. Called while a component is set up.
   */
  constructor(
    private readonly cards: () => HTMLElement[],
    parts: () => unknown,
  ) {
    $effect.pre(() => {
      parts()
      this.at = untrack(() => this.current)
    })
    $effect(() => {
      parts()
      if (this.at >= 0 && untrack(() => this.current) < 0) this.focus(this.at)
    })
  }

  /** Which card has the focus, or holds what has it; -1 where none. */
  get current(): number {
    return this.cards().findIndex((card) => card.contains(document.activeElement))
  }

  /** The card that has the focus. */
  get card(): HTMLElement | undefined {
    return this.cards()[this.current]
  }

  /** Takes the focus to a card; beyond the ends, to the last one there. */
  focus(at: number) {
    const all = this.cards()
    const card = all[Math.max(0, Math.min(at, all.length - 1))]
    card?.focus()
    card?.scrollIntoView({ block: 'nearest' })
  }
}
