/** Records of which something has changed and that have to be read anew. */
export class Touched {
  private readonly records = new Set<string>()
  private reading: Promise<void> | null = null

  constructor(private readonly read: (records: string[]) => Promise<void>) {}

  /** Reads these. What comes while it reads is read in one go after it, so that of two readings of a record the later one stands. */
  add(records: Iterable<string>): Promise<void> {
    for (const record of records) this.records.add(record)
    if (this.records.size > 0) this.reading ??= this.all()
    return this.reading ?? Promise.resolve()
  }

  private async all() {
    try {
      while (this.records.size > 0) {
        const records = [...this.records]
        this.records.clear()
        try {
          await this.read(records)
        } catch (error) {
          // They are read with what comes next.
          for (const record of records) this.records.add(record)
          throw error
        }
      }
    } finally {
      this.reading = null
    }
  }
}
