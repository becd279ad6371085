import { runCommand } from '../src/command-line.ts'

/** What a command line has done. */
export interface Ran {
  readonly code: number
  readonly printed: string
  readonly complained: string
}

/** Runs a command line in this process, with `input` as standard input. */
export async function run(args: readonly string[], input = ''): Promise<Ran> {
  const printed: string[] = []
  const complained: string[] = []
  const code = await runCommand(args, {
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
    input: chunksOf(input),
    stopped: new AbortController().signal,
  })
  return { code, printed: printed.join('\n'), complained: complained.join('\n') }
}

async function* chunksOf(text: string): AsyncGenerator<string> {
  if (text !== '') yield text
}
