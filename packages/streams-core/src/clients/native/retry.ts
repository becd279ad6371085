import { sleep, type Time } from '@millrace/kafka-client'
import { mayPass } from './native-error.ts'

/** How long a call goes on after errors that may pass. */
export interface RetryLimits {
  readonly time: Time
  /** ms. */
  readonly deadlineMs: number
}

const [firstBackoffMs, longestBackoffMs] = [5, 500]

/** Repeats a call after errors that may pass, at growing distances. `onFailure` hears each of them. @throws the last one */
export async function retrying<T>(
  { time, deadlineMs }: RetryLimits,
  call: () => Promise<T>,
  onFailure: (error: unknown) => void = () => undefined,
): Promise<T> {
  const endMs = time.now() + deadlineMs
  for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(longestBackoffMs, backoffMs * 2)) {
    try {
      return await call()
    } catch (error) {
      onFailure(error)
      if (!mayPass(error) || time.now() >= endMs) throw error
    }
    await sleep(time, backoffMs)
  }
}
