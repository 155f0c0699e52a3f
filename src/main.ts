#!/usr/bin/env node
/** The program: one command of the CLI, or a gateway worker that its primary has started. */
import cluster from 'node:cluster'
import { askAtTerminal, commands, help } from './cli/index.ts'
import type { CliIo } from './cli/index.ts'
import { runWorkerProcess } from './process/index.ts'

const io: CliIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ...(process.stdin.isTTY ? { ask: askAtTerminal } : {}),
}

// What this program writes is its owner's alone: keys, records, evidence.
process.umask(0o077)

async function main(): Promise<number> {
  const [name = 'help', ...args] = process.argv.slice(2)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return command(args, io)
  const asked = ['help', '--help', '-h'].includes(name)
  if (asked) io.out(help)
  else io.err(`servanda: \`${name}\` is not a command\n\n${help}`)
  return asked ? 0 : 2
}

/** Resolves once all that was written has left: what a slow pipe has not taken yet would end with the process. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // Whoever has stopped reading, such as `head`, wants no more.
    stream.on('error', () => resolve())
    stream.write('', () => resolve())
  })
}

if (cluster.isWorker) {
  await runWorkerProcess()
} else {
  const code = await main()
  await Promise.all([drained(process.stdout), drained(process.stderr)])
  process.exit(code)
}
