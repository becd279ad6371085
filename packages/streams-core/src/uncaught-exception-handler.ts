/**
 * What to do when a thread ends with an error:
 *
 * | answer | |
 * |---|---|
 * | `REPLACE_THREAD` | another thread takes its place and begins at the last commit; the global thread cannot be replaced |
 * | `SHUTDOWN_CLIENT` | this instance ends in ERROR |
 * | `SHUTDOWN_APPLICATION` | all instances end in ERROR: they are told through the group |
 *
 * @see org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse
 */
export type UncaughtExceptionResponse = 'REPLACE_THREAD' | 'SHUTDOWN_CLIENT' | 'SHUTDOWN_APPLICATION'

/** Asked about each error that ends a thread. */
export type UncaughtExceptionHandler = (error: Error) => UncaughtExceptionResponse
