/** The rules of both versions as diagrams over the same variables. */
import type { Agreement } from '../agreement.ts'
import type { Rule, Test } from '../rule.ts'
import { atomsOf } from './atoms.ts'
import type { Atom, Leaf } from './atoms.ts'
import { Diagrams, always, never } from './diagrams.ts'
import type { Node } from './diagrams.ts'
import { rawValuesOf } from './raw-values.ts'
import type { RawValues } from './raw-values.ts'
import { variablesOf } from './variables.ts'
import type { Variables } from './variables.ts'
import { versionWords } from './version-words.ts'

export interface RuleDiagram {
  readonly rule: Rule
  /** 1 where the rule's test is true. */
  readonly applies: Node
}

export interface RuleDiagrams {
  readonly variables: Variables
  readonly diagrams: Diagrams
  readonly before: readonly RuleDiagram[]
  readonly after: readonly RuleDiagram[]
}

export function ruleDiagramsOf(before: Agreement, after: Agreement, stepsMax: number): RuleDiagrams {
  const values = rawValuesOf(before, after)
  const [ofBefore, ofAfter] = [before, after].map((agreement) => leavesOf(agreement, values))
  const atoms = [ofBefore, ofAfter].flatMap((leaves) => [...(leaves?.values() ?? [])].flat())
  const variables = variablesOf(values, atoms)
  const diagrams = new Diagrams(variables.arities, stepsMax)
  const build = (agreement: Agreement, leaves: Leaves = new Map()): RuleDiagram[] => {
    const known = new Map<string, Node>()
    const leaf = (key: string): Node => {
      const node = known.get(key) ?? leafDiagram(leaves.get(key) ?? [], variables, diagrams)
      known.set(key, node)
      return node
    }
    return agreement.rules.map((rule) => ({ rule, applies: testDiagram(rule.test, leaf, diagrams) }))
  }
  return { variables, diagrams, before: build(before, ofBefore), after: build(after, ofAfter) }
}

/** The leaves of all rules of a version, by what they say. */
type Leaves = ReadonlyMap<string, readonly Atom[]>

function leavesOf(agreement: Agreement, values: RawValues): Leaves {
  const words = versionWords(agreement)
  const leaves = new Map<string, readonly Atom[]>()
  const collect = (test: Test): void => {
    if (test.op === 'not') collect(test.test)
    else if (test.op === 'all' || test.op === 'any') test.tests.forEach(collect)
    else if (test.op !== 'true' && test.op !== 'false') {
      const key = keyOf(test)
      if (!leaves.has(key)) leaves.set(key, atomsOf(test, words, values))
    }
  }
  for (const rule of agreement.rules) collect(rule.test)
  return leaves
}

function keyOf(leaf: Leaf): string {
  return JSON.stringify(leaf)
}

function leafDiagram(atoms: readonly Atom[], { list }: Variables, diagrams: Diagrams): Node {
  const parts: Node[] = []
  for (const { family, accepts } of atoms) {
    for (const [level, variable] of list.entries()) {
      if (variable.family !== family) continue
      const classes = variable.kind === 'member' ? [[], variable.members] : variable.classes
      parts.push(diagrams.choice(level, (value) => accepts[classes[value]?.[0] ?? -1] === true))
    }
  }
  return diagrams.anyOf(parts)
}

function testDiagram(test: Test, leaf: (key: string) => Node, diagrams: Diagrams): Node {
  const part = (each: Test): Node => testDiagram(each, leaf, diagrams)
  switch (test.op) {
    case 'true':
      return always
    case 'false':
      return never
    case 'not':
      return diagrams.not(part(test.test))
    case 'all':
      return diagrams.allOf(test.tests.map(part))
    case 'any':
      return diagrams.anyOf(test.tests.map(part))
    case 'unit-is':
    case 'unit-in':
    case 'action-is':
    case 'model-is':
    case 'provider-in':
    case 'word-is':
    case 'set-has':
    case 'compare':
      return leaf(keyOf(test))
  }
}
