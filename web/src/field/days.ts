/** Targets by the day on which the team goes there. Pure; days are YYYY-MM-DD of the place where one is. */
import type { FieldPackage } from '../api/field'
import { isDone, type Row } from './view'

export type When = 'today' | 'overdue' | 'later' | 'undated'
const FIRST: readonly When[] = ['today', 'overdue', 'later', 'undated']

export interface Day {
  /** `null` for zones that have none, and for targets in no zone. */
  day: string | null
  when: When
  rows: Row[]
}

/** The day of each zone that has one. */
export function daysOf(zones: FieldPackage['zones']): ReadonlyMap<string, string> {
  return new Map(zones.flatMap(({ key, day }) => (day ? [[key, day] as const] : [])))
}

/** Rows by day, each day's in their order: today's first, then what was due before, the earliest first, then what comes, then what has no day. */
export function byDay(rows: readonly Row[], days: ReadonlyMap<string, string>, today: string): Day[] {
  const groups = new Map<string | null, Row[]>()
  for (const row of rows) {
    const day = days.get(row.target.zone ?? '') ?? null
    groups.set(day, [...(groups.get(day) ?? []), row])
  }
  const all = [...groups].map(([day, rows]): Day => ({ day, when: whenOf(day, today), rows }))
  return all.sort((a, b) => FIRST.indexOf(a.when) - FIRST.indexOf(b.when) || (a.day ?? '').localeCompare(b.day ?? ''))
}

function whenOf(day: string | null, today: string): When {
  if (day === null) return 'undated'
  if (day === today) return 'today'
  return day < today ? 'overdue' : 'later'
}

/** The day that is being worked at: the first with something left, else the first. */
export function current(days: readonly Day[]): Day | undefined {
  return days.find((one) => one.rows.some((row) => !isDone(row))) ?? days[0]
}

/** Days with what is left of each. */
export function left(days: readonly Day[]): Day[] {
  return days.flatMap((day) => {
    const rows = day.rows.filter((row) => !isDone(row))
    return rows.length > 0 ? [{ ...day, rows }] : []
  })
}

/** Rows in the order that was made on the device, where one was: codes. */
export function ranked(rows: readonly Row[], route: readonly string[]): Row[] {
  const places = new Map(route.map((code, at) => [code, at]))
  const all = rows.map((row, at) => ({ row, rank: places.get(row.target.code) ?? at }))
  return all.sort((a, b) => a.rank - b.rank).map(({ row }) => row)
}
