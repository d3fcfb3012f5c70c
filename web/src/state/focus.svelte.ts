/** What list and map point at together: the row or shape under pointer or keyboard. Not part of the address. */
class Focus {
  hovered = $state<string | null>(null)
  /** Row that the keyboard is on. */
  row = $state(-1)
}

export const focus = new Focus()
