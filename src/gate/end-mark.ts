/** Keeps back the end of an answer until its entry is durable, without reading what the answer says. */

/** The last event of a stream in the dialect of OpenAI. */
const mark = Buffer.from('data: [DONE]')
/** Line ends behind the mark; what has more is no mark. */
const lineEndsMax = 8

/**
 * Takes pieces in and gives pieces out, the same bytes in the same order; `rest` is what is kept back at any moment.
 * Of a stream that is the end mark, or what may become one, so that nothing else waits for the piece behind it. An
 * answer that is not a stream is of use only whole: there it is the last piece.
 */
export interface Holdback {
  take(piece: Uint8Array): Uint8Array
  readonly rest: Uint8Array
}

const nothing = new Uint8Array(0)

export function holdLastPiece(): Holdback {
  let rest: Uint8Array = nothing
  return {
    take(piece) {
      const out = rest
      rest = piece
      return out
    },
    get rest() {
      return rest
    },
  }
}

export function holdEndMark(): Holdback {
  let rest: Uint8Array = nothing
  return {
    take(piece) {
      const all = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const start = startOfEnd(all)
      rest = all.subarray(start)
      return all.subarray(0, start)
    },
    get rest() {
      return rest
    },
  }
}

/** Where the end mark begins, or a part of it, that the bytes end with; their length where they end with none. */
function startOfEnd(bytes: Uint8Array): number {
  const longest = mark.length + lineEndsMax
  for (let start = Math.max(0, bytes.length - longest); start < bytes.length; start++) {
    if (bytes[start] === mark[0] && isEnd(bytes.subarray(start))) return start
  }
  return bytes.length
}

function isEnd(tail: Uint8Array): boolean {
  const isMark = mark.subarray(0, tail.length).equals(tail.subarray(0, mark.length))
  return isMark && tail.subarray(mark.length).every((byte) => byte === 0x0a || byte === 0x0d)
}
