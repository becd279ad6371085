import { SerdeNotReadyError } from '@millrace/serdes'
import { ClientError } from '../clients/client-error.ts'
import { TimeoutError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { delay, type Time } from '../time.ts'

/** ms between two attempts: at first, and at most. */
const [firstPauseMs, longestPauseMs] = [20, 1000]

/**
 * Does work again as long as it fails with what may pass, with growing pauses, until `task.timeout.ms`.
 * `what`: what fails then, as the beginning of a sentence.
 * @throws TimeoutError, and what the work throws otherwise
 */
export async function retryUntilTaskTimeout<T>(
  config: StreamsConfig,
  time: Time,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = time.now() + config.taskTimeoutMs
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await work()
    } catch (error) {
      if (!mayPass(error)) throw error
      if (time.now() >= deadline) {
        throw new TimeoutError(`${what} within task.timeout.ms (${config.taskTimeoutMs} ms): ${error.message}`, {
          cause: error,
        })
      }
      if (pauseMs === firstPauseMs) config.logger.warn(`${what} yet; it is tried again until task.timeout.ms.`, error)
      await delay(time, pauseMs)
    }
  }
}

/** True for what a later attempt may not meet: a cluster that cannot serve now, a serde that waits for its registry. */
function mayPass(error: unknown): error is Error {
  return error instanceof SerdeNotReadyError || (error instanceof ClientError && error.retriable)
}
