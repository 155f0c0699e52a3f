/** Money as millionths of a currency unit, read from the decimal digits and never through a float. */

const decimal = /^(0|[1-9]\d*)(?:\.(\d{1,6}))?$/

/** Null where `digits` is no plain decimal ≥ 0 with at most six places, or too large for exact arithmetic. */
export function parseMicros(digits: string): number | null {
  const match = decimal.exec(digits)
  if (match === null) return null
  const micros = Number(`${match[1] ?? ''}${(match[2] ?? '').padEnd(6, '0')}`)
  return Number.isSafeInteger(micros) ? micros : null
}

/** The plain decimal of an amount, without trailing zeros: the inverse of `parseMicros`. */
export function formatMicros(micros: number): string {
  const digits = String(Math.abs(micros)).padStart(7, '0')
  const fraction = digits.slice(-6).replace(/0+$/, '')
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}${fraction === '' ? '' : `.${fraction}`}`
}
