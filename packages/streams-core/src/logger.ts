/** Where the library reports to. Messages are one line; an error may come along. */
export interface Logger {
  info(message: string): void
  warn(message: string, error?: unknown): void
  error(message: string, error?: unknown): void
}

/**
 * A logger that takes fields before the message, and makes loggers of its own kind: pino, bunyan, and Fastify's.
 * It is given the error as `{ err }`.
 */
export interface StructuredLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(bindings: { readonly [name: string]: unknown }): unknown
}

/** Says nothing. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} }

/** Warnings and errors on standard error, one line each, with the error's own message. */
export const stderrLogger: Logger = {
  info: () => {},
  warn: (message, error) => write('warn', message, error),
  error: (message, error) => write('error', message, error),
}

/** The logger as the library calls it. A structured one is told by its `child`. */
export function toLogger(given: Logger | StructuredLogger): Logger {
  if (!('child' in given) || typeof given.child !== 'function') return given as Logger
  const structured = given as StructuredLogger
  return {
    info: (message) => structured.info({}, message),
    warn: (message, error) => structured.warn(fieldsOf(error), message),
    error: (message, error) => structured.error(fieldsOf(error), message),
  }
}

function fieldsOf(error: unknown): object {
  return error === undefined ? {} : { err: error }
}

function write(level: string, message: string, error: unknown): void {
  const reason = error === undefined ? '' : ` (${error instanceof Error ? error.message : String(error)})`
  process.stderr.write(`millrace ${level}: ${message}${reason}\n`)
}
