/** The database on the device. Every write waits until it is on the disk, not only handed to the system. */
import Dexie, { type Table } from 'dexie'
import type { FieldPackage, Target } from '../../api/field'
import type { CatalogueDoc, Feature, Settings } from '../../api/types'
import type { Draft, Entry } from './entries'

export interface KeptPhoto {
  sha256: string
  /** As it was taken. `null` once the server has verified its copy and the surveyor made room. */
  original: Blob | null
  thumb: Blob
}

export interface Gone {
  target: Target
  feature: Feature | null
}

export interface KeptPackage {
  id: string
  doc: FieldPackage
  bytes: number
  fetchedAt: number
  /** Whose it is: who was logged in when it was fetched. Packages of older apps say it in their catalogue only. */
  account?: string
  /** Targets that were taken off the list while something of them was only here, so that it can be finished. */
  gone?: Gone[]
  catalogue: CatalogueDoc
  settings: Settings
}

/** Whose package it is, and so whose the entries are that are made with it. */
export const accountOf = (pack: KeptPackage) => pack.account ?? pack.catalogue.viewer.account ?? ''

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
