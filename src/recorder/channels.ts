/** Channels over what Node has: a message port between threads, an IPC pipe between processes. */
import type { MessagePort } from 'node:worker_threads'
import type { Channel } from './ask.ts'

export function portChannel<Out, In>(port: MessagePort): Channel<Out, In> {
  return {
    post: (messages) => port.postMessage(messages),
    listen(receive, closed) {
      port.on('message', (messages: readonly In[]) => receive(messages))
      port.on('close', closed)
    },
  }
}

/** This process's pipe to its parent, which passes the messages on to the recorder's thread. */
export function processChannel<Out, In>(): Channel<Out, In> {
  return {
    post(messages) {
      // A line that breaks says so by `disconnect`, which rejects all that wait.
      process.send?.({ recorder: messages }, undefined, undefined, () => undefined)
    },
    listen(receive, closed) {
      process.on('message', (message: unknown) => {
        if (isRecorderMessage<In>(message)) receive(message.recorder)
      })
      process.on('disconnect', closed)
    },
  }
}

/** What goes over the pipe; other messages may use it too. */
export interface RecorderMessage<T> {
  readonly recorder: readonly T[]
}

export function isRecorderMessage<T>(message: unknown): message is RecorderMessage<T> {
  return typeof message === 'object' && message !== null && 'recorder' in message
}
