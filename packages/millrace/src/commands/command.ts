/** Where a command writes: results, and what went wrong. */
export interface Output {
  print(text: string): void
  complain(text: string): void
}

/** What a command reads and writes besides the network. */
export interface CommandIo extends Output {
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array | string>
  /** Aborts when the command is asked to stop (SIGINT, SIGTERM). */
  readonly stopped: AbortSignal
}

/** One command of `millrace`. */
export interface Command {
  /** What `--help` prints. */
  readonly usage: string
  /** Gives the exit code: 0 done. @throws UsageError, or what failed, with a message of one line */
  run(args: readonly string[], io: CommandIo): Promise<number>
}

/** The command line says something that cannot be. */
export class UsageError extends Error {
  readonly code = 'MILLRACE_USAGE'

  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
