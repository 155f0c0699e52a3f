import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMemory } from './memory.ts'
import type { TextJudgement } from './text-judgement.ts'

const judgement = (detector: string): TextJudgement => ({
  findings: [],
  detectors: [{ detector, outcome: 'ran' }],
})

describe('createMemory', () => {
  test('forgets what was longest not asked for', () => {
    const memory = createMemory(['a@1'], 2)
    const [one, two, three] = ['1', '2', '3'].map((text) => memory.keyOf('user', text)) as [
      string,
      string,
      string,
    ]
    memory.remember(one, judgement('1'))
    memory.remember(two, judgement('2'))
    assert.deepEqual(memory.recall(one), judgement('1'))
    memory.remember(three, judgement('3'))
    assert.equal(memory.recall(two), undefined)
    assert.deepEqual(memory.recall(one), judgement('1'))
    assert.deepEqual(memory.recall(three), judgement('3'))
  })

  test('keys differ by kind, by text to the last lone surrogate, and by process', () => {
    const memory = createMemory(['a@1'], 2)
    const keys = [
      memory.keyOf('user', 'x'),
      memory.keyOf('system', 'x'),
      memory.keyOf('user', 'y'),
      memory.keyOf('user', '\ud835'),
      memory.keyOf('user', '\ufffd'),
      createMemory(['a@1'], 2).keyOf('user', 'x'),
    ]
    assert.equal(new Set(keys).size, keys.length)
    assert.equal(memory.keyOf('user', 'x'), keys[0])
  })

  test('remembers nothing when there is room for nothing', () => {
    const memory = createMemory([], 0)
    memory.remember('key', judgement('1'))
    assert.equal(memory.recall('key'), undefined)
  })
})
