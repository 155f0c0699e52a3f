/** The dialect of OpenAI Chat Completions. */
export {
  AnswerError,
  formatChunk,
  formatCompletion,
  formatUsageChunk,
  parseChunk,
  parseCompletion,
} from './chat-answer.ts'
export type { AnswerErrorCode, AnswerHead, AnswerPiece, Usage } from './chat-answer.ts'
export { parseChatRequest, upstreamBody } from './chat-request.ts'
export type { ChatRequest } from './chat-request.ts'
