/** Finds whole HTTP/1.1 messages with a length in what a connection brings; it checks nothing. */

export type OnMessage = (head: string, body: Buffer) => void

const headEnd = '\r\n\r\n'

export class MessageReader {
  readonly #onMessage: OnMessage
  #rest: Buffer | null = null

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage
  }

  read(chunk: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = null
    while (bytes.length > 0) {
      const end = bytes.indexOf(headEnd, 0, 'latin1')
      if (end < 0) break
      const head = bytes.toString('latin1', 0, end)
      const whole = end + headEnd.length + lengthIn(head)
      if (bytes.length < whole) break
      this.#onMessage(head, bytes.subarray(end + headEnd.length, whole))
      bytes = bytes.subarray(whole)
    }
    if (bytes.length > 0) this.#rest = bytes
  }
}

function lengthIn(head: string): number {
  const match = /\r\ncontent-length: *(\d+)/i.exec(head)
  return match ? Number(match[1]) : 0
}
