/** The database on the device. Every write waits until it is on the disk, not only handed to the system. */
import Dexie, { type Table } from 'dexie'
import type { FieldPackage } from '../../api/field'
import type { CatalogueDoc, Settings } from '../../api/types'
import type { Draft, Entry } from './entries'

export interface KeptPhoto {
  sha256: string
  /** As it was taken. `null` once the server has verified its copy and the surveyor made room. */
  original: Blob | null
  thumb: Blob
}

export interface KeptPackage {
  id: string
  doc: FieldPackage
  bytes: number
  fetchedAt: number
  catalogue: CatalogueDoc
  settings: Settings
}

export interface Meta {
  key: string
  value: string | number
}

export class FieldStore extends Dexie {
  entries!: Table<Entry, number>
  photos!: Table<KeptPhoto, string>
  packages!: Table<KeptPackage, string>
  drafts!: Table<Draft, string>
  meta!: Table<Meta, string>

  constructor(name = 'zaiti-field') {
    super(name, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({
      entries: 'counter, &id, [kind+state], state, visit, record',
      photos: 'sha256',
      packages: 'id',
      drafts: 'record',
      meta: 'key',
    })
  }
}
