/** What the numbers of clauses say: `4.2.1` stands under `4.2`, and under `4`. */

/** Whether a clause is another or stands under it. */
export function isUnder(clause: string, above: string): boolean {
  return clause === above || clause.startsWith(`${above}.`)
}

/** The clause and all above it: `4.2.1`, `4.2`, `4`. */
export function clauseAndAbove(clause: string): string[] {
  const numbers = clause.split('.')
  return numbers.map((_, i) => numbers.slice(0, numbers.length - i).join('.'))
}
