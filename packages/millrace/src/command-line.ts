import { readFileSync } from 'node:fs'

/** Where a command writes: results, and what went wrong. */
export interface Output {
  print(text: string): void
  complain(text: string): void
}

const usage = `millrace: Kafka Streams for TypeScript

usage: millrace [--help | --version]

  --help       this text
  --version    the version`

/** Runs one command line. Gives the exit code: 0 done, 2 wrong usage. */
export function runCommand(args: readonly string[], output: Output): number {
  const [command, ...rest] = args
  if (rest.length === 0 && (command === '--help' || command === '-h')) {
    output.print(usage)
    return 0
  }
  if (rest.length === 0 && command === '--version') {
    output.print(version())
    return 0
  }
  output.complain(command === undefined ? usage : `millrace: unknown command '${args.join(' ')}'; see millrace --help`)
  return 2
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return manifest.version
}
