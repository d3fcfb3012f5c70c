/** Changes that are made one after another, in the order in which they were asked for: none is dropped while another runs. */
export class Turns {
  private asked = $state(0)
  private last: Promise<unknown> = Promise.resolve()

  /** Whether one runs or waits. */
  get busy(): boolean {
    return this.asked > 0
  }

  /** Runs when all that were asked for before have ended, well or not. */
  async next<T>(what: () => Promise<T>): Promise<T> {
    const before = this.last
    this.asked += 1
    const mine = before.then(what).finally(() => (this.asked -= 1))
    this.last = mine.catch(() => undefined)
    return mine
  }
}
