/** Changes to the filters of one attribute, as new filter sets. */
export type Filters = Record<string, string>

function put(filters: Filters, key: string, value: string | null): Filters {
  const next = { ...filters }
  if (value === null || value === '') delete next[key]
  else next[key] = value
  return next
}

export function setInterval(
  filters: Filters,
  key: string,
  low: string | null,
  high: string | null,
  unit: string | null,
): Filters {
  const bounded = put(put(filters, `${key}_min`, low), `${key}_max`, high)
  const known = low === null && high === null ? settleUnknown(bounded, key, false) : settleUnknown(bounded, key, true)
  return put(known, `${key}_unit`, low === null && high === null ? null : unit)
}

export function toggleCode(filters: Filters, key: string, code: string): Filters {
  const codes = (filters[key] ?? '').split(',').filter(Boolean)
  const next = codes.includes(code) ? codes.filter((one) => one !== code) : [...codes, code].sort()
  return settleUnknown(put(filters, key, next.join(',') || null), key, next.length > 0)
}

export function setPlain(filters: Filters, key: string, value: string | null): Filters {
  return settleUnknown(put(filters, key, value), key, value !== null)
}

/** Unknown values: alone when nothing else is asked of the attribute, else besides those that pass. */
export function toggleUnknown(filters: Filters, key: string): Filters {
  if (filters[`${key}_unknown`] !== undefined) return put(filters, `${key}_unknown`, null)
  return put(filters, `${key}_unknown`, asks(filters, key) ? 'include' : 'only')
}

export function unknownIsOn(filters: Filters, key: string): boolean {
  const value = filters[`${key}_unknown`]
  return value === 'only' || value === 'include'
}

function asks(filters: Filters, key: string): boolean {
  return [key, `${key}_min`, `${key}_max`].some((one) => filters[one] !== undefined)
}

function settleUnknown(filters: Filters, key: string, asked: boolean): Filters {
  const value = filters[`${key}_unknown`]
  if (value === 'only' && asked) return put(filters, `${key}_unknown`, 'include')
  if (value === 'include' && !asked) return put(filters, `${key}_unknown`, 'only')
  return filters
}
