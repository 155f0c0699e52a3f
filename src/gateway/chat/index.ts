/** The dialect of OpenAI Chat Completions. */
export {
  AnswerError,
  formatChunk,
  formatCompletion,
  formatUsageChunk,
  parseChunk,
  parseCompletion,
} from './chat-answer.ts'
export type { AnswerHead, AnswerPiece, Usage } from './chat-answer.ts'
export { parseChatRequest, upstreamBody } from './chat-request.ts'
export type { ChatRequest } from './chat-request.ts'
