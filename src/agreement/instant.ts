/** Instants in the two written forms: the schedule's and Cedar's `datetime`. */

const scheduleForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/
const cedarForm = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(\.\d{3})?(Z|[+-]\d{4}))?$/

/** Milliseconds since the epoch of `2026-03-01T00:00:00Z`; null for any other form and for a day that is not. */
export function parseInstant(text: string): number | null {
  return scheduleForm.test(text) ? exactTime(text.slice(0, 10), text.slice(11, 19), text.slice(19, -1)) : null
}

/** Milliseconds since the epoch of a Cedar `datetime` literal (RFC 80 of Cedar); null where it is none. */
export function parseCedarDatetime(text: string): number | null {
  const match = cedarForm.exec(text)
  if (match === null) return null
  const [, day = '', time = '00:00:00', fraction = '', zone = 'Z'] = match
  const local = exactTime(day, time, fraction)
  if (local === null || zone === 'Z') return local
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3, 5))
  if (hours > 23 || minutes > 59) return null
  return local - (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function exactTime(day: string, time: string, fraction: string): number | null {
  const iso = `${day}T${time}${fraction === '' ? '.000' : fraction}Z`
  const milliseconds = Date.parse(iso)
  if (Number.isNaN(milliseconds)) return null
  return new Date(milliseconds).toISOString() === iso ? milliseconds : null
}
