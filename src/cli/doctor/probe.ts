/** Whether a model takes connections from this machine: no byte is sent. */
import { connect } from 'node:net'

const timeoutMs = 1000

/** The base URLs whose host takes a connection within a second. Never rejects. */
export async function reachableOf(urls: readonly string[]): Promise<readonly string[]> {
  const reached = await Promise.all(urls.map(isReachable))
  return urls.filter((_, i) => reached[i])
}

function isReachable(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) })
    const end = (reached: boolean): void => {
      socket.destroy()
      resolve(reached)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
