import { readFileSync } from 'node:fs'
import { type CommandIo, UsageError } from './commands/command.ts'
import { commands } from './commands/index.ts'

const usage = `millrace: Kafka Streams for TypeScript

usage: millrace COMMAND [options]
       millrace COMMAND --help
       millrace --version

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`)
  .join('\n')}`

/** Runs one command line. Gives the exit code: 0 done, 1 failed, 2 wrong usage. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args
  if (rest.length === 0 && (name === '--help' || name === '-h')) {
    io.print(usage)
    return 0
  }
  if (rest.length === 0 && name === '--version') {
    io.print(version())
    return 0
  }
  if (name === undefined) {
    io.complain(usage)
    return 2
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined) {
    io.complain(`millrace: unknown command '${args.join(' ')}'; see millrace --help`)
    return 2
  }
  const command = await entry.load()
  if (rest.includes('--help') || rest.includes('-h')) {
    io.print(command.usage)
    return 0
  }
  try {
    return await command.run(rest, io)
  } catch (error) {
    // What went wrong is one line, whatever an error says.
    const message = error instanceof Error ? error.message : String(error)
    io.complain(`millrace ${name}: ${message.split('\n', 1)[0]}`)
    if (!(error instanceof UsageError)) return 1
    io.complain(`see millrace ${name} --help`)
    return 2
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
