/** Where the library reports to. Messages are one line; an error may come along. */
export interface Logger {
  info(message: string): void
  warn(message: string, error?: unknown): void
  error(message: string, error?: unknown): void
}

/** Says nothing. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} }

/** Warnings and errors on standard error, one line each, with the error's own message. */
export const stderrLogger: Logger = {
  info: () => {},
  warn: (message, error) => write('warn', message, error),
  error: (message, error) => write('error', message, error),
}

function write(level: string, message: string, error: unknown): void {
  const reason = error === undefined ? '' : ` (${error instanceof Error ? error.message : String(error)})`
  process.stderr.write(`millrace ${level}: ${message}${reason}\n`)
}
