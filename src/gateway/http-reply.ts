/** The way back to the caller over HTTP: one JSON answer, or server-sent events. */
import { BoundedReply } from '../http/index.ts'
import type { Reply, ReplyHeaders } from './reply.ts'

// Intermediaries that collect small pieces would undo the streaming; nginx heeds the second header.
const streaming = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }

export class HttpReply extends BoundedReply implements Reply {
  override open(headers: ReplyHeaders): void {
    super.open({ ...headers, ...streaming })
  }

  event(data: string): Promise<void> {
    return this.write(`data: ${data}\n\n`)
  }

  comment(text: string): Promise<void> {
    return this.write(`: ${text}\n\n`)
  }
}
