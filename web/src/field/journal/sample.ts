/** Entries for tests. */
import type { About, Draft, Wish } from './entries'

export const ABOUT: About = { campaign: 'c', record: 'r', code: 'P-1', visit: 'v', account: 'anna' }

export const DRAFT: Draft = {
  record: 'r',
  campaign: 'c',
  code: 'P-1',
  visit: 'v',
  outcome: null,
  answers: {},
  same: [],
  step: 0,
  reason: '',
  retryOn: '',
  note: '',
  evidence: 'seen',
  at: 1,
}

export function edit(id: string, value: string, before: string | null = null): Wish {
  const payload = {
    collection: 'parcels',
    record: 'r',
    base_version: 3,
    set: { note: value },
    observed_at: '2026-01-05T09:00:00Z',
    evidence: 'seen' as const,
  }
  return { kind: 'edit', id, payload, before: { note: before } }
}

export function visit(id: string, edits: string[] = []): Wish {
  const payload = {
    campaign: 'c',
    record: 'r',
    base_version: 3,
    outcome: 'changed' as const,
    observed_at: '2026-01-05T09:00:00Z',
    edits,
    photos: [],
  }
  return { kind: 'visit', id, payload }
}

export function photo(id: string, sha256: string, size = 10): Wish {
  const payload = { sha256, bytes: size, media_type: 'image/jpeg', slot: 'front', taken_at: '2026-01-05T09:00:00Z' }
  return { kind: 'photo', id, payload, original: new Blob([new Uint8Array(size)]), thumb: new Blob(['t']) }
}
