/** Reading the nodes of Cedar's JSON form: each answers null, or false, for what it does not know. */
import { parseCedarDatetime } from './instant.ts'

export type Node = Readonly<Record<string, unknown>>

export interface Entity {
  readonly type: string
  readonly id: string
}

/** Null where one of them is no entity, such as the slot of a template. */
export function plainEntities(nodes: readonly unknown[]): Entity[] | null {
  const entities = nodes.map(asEntity)
  return entities.includes(null) ? null : (entities as Entity[])
}

function asEntity(node: unknown): Entity | null {
  if (!isNode(node)) return null
  const { type, id } = isNode(node.__entity) ? node.__entity : node
  return typeof type === 'string' && typeof id === 'string' ? { type, id } : null
}

export function operation(node: unknown): [operator: string, operand: unknown] {
  return (isNode(node) ? Object.entries(node)[0] : undefined) ?? ['', undefined]
}

/** The operands of `a && b && c`, which Cedar nests to the left; a loop, because such chains are long. */
export function chainOf(node: unknown, operator: '&&' | '||'): unknown[] {
  const operands: unknown[] = []
  let at = node
  for (;;) {
    const [found, pair] = operation(at)
    if (found !== operator || !isNode(pair)) break
    operands.unshift(pair.right)
    at = pair.left
  }
  return [at, ...operands]
}

export function variableOf(node: unknown): string | null {
  return isNode(node) && typeof node.Var === 'string' ? node.Var : null
}

/** The name of `context.<name>`; null for anything else. */
export function attributeOf(node: unknown): string | null {
  if (!isNode(node) || !isNode(node['.'])) return null
  const { left, attr } = node['.']
  return variableOf(left) === 'context' && typeof attr === 'string' ? attr : null
}

/** The entities of `Type::"id"` or of a set of such constants; null for anything else. */
export function entitiesOf(node: unknown): Entity[] | null {
  if (!isNode(node)) return null
  if (isList(node.Set)) return plainEntities(node.Set.map((each) => (isNode(each) ? each.Value : undefined)))
  return plainEntities([node.Value])
}

export function longOf(node: unknown): number | null {
  const value = isNode(node) ? node.Value : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

export function datetimeOf(node: unknown): number | null {
  if (!isNode(node) || !isList(node.datetime) || node.datetime.length !== 1) return null
  const [argument] = node.datetime
  const text = isNode(argument) ? argument.Value : undefined
  return typeof text === 'string' ? parseCedarDatetime(text) : null
}

export function isConstant(node: unknown): boolean {
  return isNode(node) && ('Value' in node || 'Set' in node || 'datetime' in node)
}

export function isSet(node: unknown): boolean {
  return isNode(node) && 'Set' in node
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}
