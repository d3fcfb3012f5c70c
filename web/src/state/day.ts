/** Days as the calendar on the wall has them, here and now: what is due today is not due by Greenwich. */

/** The local day so many days after a moment, as YYYY-MM-DD. */
export function localDay(at: Date, days = 0): string {
  // At noon no day is lost when clocks are put forward or back.
  const day = new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, 12)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** Whether a deadline has passed. Its own day still counts. */
export const isPast = (deadline: string, at = new Date()) => deadline < localDay(at)
