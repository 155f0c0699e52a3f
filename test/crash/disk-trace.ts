/** Reads from strace what a program asked its disk for, in the order in which that was done. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { DiskEvent } from './disk-model.ts'
import { runIn } from './scene.ts'
import type { Scene } from './scene.ts'

const calls = 'openat,write,pwrite64,ftruncate,fsync,fdatasync,rename,mkdir,unlink,rmdir'

/** Runs the scene in `directory` undisturbed; `log` is a file beside it. */
export async function traceDisk(directory: string, scene: Scene, log: string): Promise<readonly DiskEvent[]> {
  const strings = ['-y', '-xx', '-s', '1000000']
  const under = ['strace', '-f', '-qq', ...strings, '-o', log, '-e', `trace=${calls}`]
  const { code, errors } = await runIn(directory, scene, { run: 'r0', under })
  assert.equal(code, 0, errors)
  return wholeCalls(readFileSync(log, 'latin1')).flatMap((call) => eventsOf(call, directory))
}

/** A call that another thread interrupts stands in two lines; it counts from where it ends. */
function wholeCalls(log: string): readonly string[] {
  const begun = new Map<string, string>()
  return log.split('\n').flatMap((line) => {
    const [, thread = '', text = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    if (text.endsWith(' <unfinished ...>')) {
      begun.set(thread, text.slice(0, -' <unfinished ...>'.length))
      return []
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)
    return [resumed ? (begun.get(thread) ?? '') + (resumed[1] ?? '') : text]
  })
}

const form = /^(\w+)\((.*)\)\s+= (\d+)/s
const quoted = /"((?:\\x[0-9a-f]{2})*)"/g

/** None for what failed, for what lies elsewhere and for what changes nothing. */
function eventsOf(text: string, directory: string): readonly DiskEvent[] {
  const [, call, args = ''] = form.exec(text) ?? []
  if (call === undefined) return []
  const strings = [...args.matchAll(quoted)].map(([, hex = '']) => unescaped(hex))
  const opened = /^\d+<([^>]*)>/.exec(args)?.[1]
  const named = (opened === undefined ? strings[0] : unescaped(opened))?.toString() ?? ''
  const path = relative(directory, named)
  if (!named.startsWith('/') || path.startsWith('..')) return []
  const numbers = args.split(', ').slice(1).map(Number)
  switch (call) {
    case 'openat':
      return [
        ...(args.includes('O_CREAT') ? [{ event: 'create', path } as const] : []),
        ...(args.includes('O_TRUNC') ? [{ event: 'truncate', path, size: 0 } as const] : []),
      ]
    case 'write':
      return [{ event: 'write', path, bytes: strings[0] ?? Buffer.alloc(0), at: 'end' }]
    case 'pwrite64':
      return [{ event: 'write', path, bytes: strings[0] ?? Buffer.alloc(0), at: numbers.at(-1) ?? 0 }]
    case 'ftruncate':
      return [{ event: 'truncate', path, size: numbers.at(-1) ?? 0 }]
    case 'fsync':
    case 'fdatasync':
      return [{ event: 'sync', path }]
    case 'rename':
      return [{ event: 'rename', path, to: relative(directory, strings[1]?.toString() ?? '') }]
    case 'mkdir':
      return [{ event: 'mkdir', path }]
    default:
      return [{ event: 'remove', path }]
  }
}

function unescaped(text: string): Buffer {
  if (!text.includes('\\x')) return Buffer.from(text, 'latin1')
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}
