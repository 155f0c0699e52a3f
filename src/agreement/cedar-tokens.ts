/**
 * A reader of Cedar's tokens, for places and limits only: what a policy means is read by Cedar itself.
 * It finds where policies end, how deep they nest and which entities they name.
 */

export interface CedarToken {
  readonly kind: 'name' | 'text' | 'number' | 'mark' | 'other'
  readonly text: string
  /** Indexes in the text that was read, UTF-16 units, the end not included. */
  readonly start: number
  readonly end: number
}

/** An unclosed text takes the rest, so that reading stays linear. */
const token =
  /(?<skip>[ \t\n\f\r]+|\/\/[^\n]*)|(?<name>[_a-zA-Z][_a-zA-Z0-9]*)|(?<text>"(?:[^"\\]|\\[^])*")|(?<number>[0-9]+)|(?<mark>::|&&|\|\||==|!=|<=|>=|[@(){}[\],;<>!.+*?:-])|(?<other>"[^]*|[^])/guy

export function cedarTokens(source: string): CedarToken[] {
  const tokens: CedarToken[] = []
  for (const match of source.matchAll(token)) {
    const groups = match.groups ?? {}
    if (groups.skip !== undefined) continue
    const kind =
      groups.name !== undefined
        ? 'name'
        : groups.text !== undefined
          ? 'text'
          : groups.number !== undefined
            ? 'number'
            : groups.mark !== undefined
              ? 'mark'
              : 'other'
    tokens.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length })
  }
  return tokens
}

/** The tokens of each policy: a semicolon ends one, and what follows the last semicolon is one more. */
export function splitPolicies(tokens: readonly CedarToken[]): CedarToken[][] {
  const policies: CedarToken[][] = []
  let open: CedarToken[] = []
  for (const each of tokens) {
    open.push(each)
    if (each.text === ';') {
      policies.push(open)
      open = []
    }
  }
  return open.length > 0 ? [...policies, open] : policies
}

export interface EntityLiteral {
  readonly type: string
  readonly id: string
  readonly start: number
  readonly end: number
  /** Whether the id is written with a backslash, which two readers could resolve differently. */
  readonly escaped: boolean
}

/** Every `Type::"id"` among the tokens; of `A::B::"id"` the type is `A::B`. */
export function entityLiterals(tokens: readonly CedarToken[]): EntityLiteral[] {
  const literals: EntityLiteral[] = []
  for (const [i, each] of tokens.entries()) {
    if (each.kind !== 'text' || tokens[i - 1]?.text !== '::') continue
    const path: string[] = []
    let start = each.start
    for (let at = i - 1; tokens[at]?.text === '::' && tokens[at - 1]?.kind === 'name'; at -= 2) {
      path.unshift(tokens[at - 1]?.text ?? '')
      start = tokens[at - 1]?.start ?? start
    }
    const id = each.text.slice(1, -1)
    literals.push({ type: path.join('::'), id, start, end: each.end, escaped: id.includes('\\') })
  }
  return literals
}

const operators = new Set(['&&', '||', '!', '.', '-', '+', '*', 'if', '(', '[', '{', '@', 'when', 'unless'])

export interface PolicySize {
  readonly operators: number
  readonly nesting: number
}

/** How much recursion a policy asks of Cedar's reader, which does not survive too much of it. */
export function sizeOf(tokens: readonly CedarToken[]): PolicySize {
  let count = 0
  let depth = 0
  let nesting = 0
  for (const { text } of tokens) {
    if (operators.has(text)) count++
    if (text === '(' || text === '[' || text === '{') nesting = Math.max(nesting, ++depth)
    if (text === ')' || text === ']' || text === '}') depth--
  }
  return { operators: count, nesting }
}
