/** Which situations can happen, of all that the words of the schedule make up. */
import { findRegion } from './region.ts'
import type { Region, Space } from './region.ts'
import type { Test } from './rule.ts'
import { generate, unlisted } from './schedule.ts'
import type { Schedule } from './schedule.ts'

const atTool: Test = { op: 'word-is', attribute: 'stage', words: ['tool'] }

/**
 * The calls of a model and the calls of a tool, each as one region; a kind that cannot happen is left out. A model
 * call is a `generate` at stage `request` or `answer`; a tool call, at stage `tool`, is of its tool's class.
 */
export function situationsOf(space: Space, { tools }: Pick<Schedule, 'tools'>): Region[] {
  const classes = [...tools.map((tool) => tool.action), unlisted]
  const modelCalls = findRegion(space, [{ op: 'action-is', actions: [generate] }], [atTool])
  const toolCalls = findRegion(space, [{ op: 'action-is', actions: classes }, atTool], [])
  return [modelCalls, toolCalls].flatMap((search) => (search.found === 'region' ? [search.region] : []))
}
