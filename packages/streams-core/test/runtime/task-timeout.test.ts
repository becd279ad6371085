import { expect, test } from 'vitest'
import { ClientError } from '../../src/clients/client-error.ts'
import { TimeoutError } from '../../src/errors.ts'
import { silentLogger } from '../../src/logger.ts'
import { retryUntilTaskTimeout } from '../../src/runtime/task-timeout.ts'
import { parseStreamsConfig } from '../../src/streams-config.ts'
import type { Time } from '../../src/time.ts'

/** A clock that goes on only when somebody waits for it. */
function steppingTime(): Time {
  let now = 0
  return {
    now: () => now,
    setTimer(delayMs, fire) {
      now += delayMs
      queueMicrotask(fire)
      return { cancel: () => {} }
    },
    nextTurn: async () => {},
  }
}

function scene() {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (message: unknown) => void warnings.push(String(message)) }
  const config = parseStreamsConfig({
    'application.id': 'app',
    'task.timeout.ms': 10_000,
    logger: logger as typeof silentLogger,
  })
  return { warnings, config, time: steppingTime() }
}

test('what may pass is tried again, with one warning', async () => {
  const { warnings, config, time } = scene()
  let attempts = 0
  const work = async () => {
    attempts += 1
    if (attempts < 4) throw new ClientError('NOT_NOW', 'retriable', 'not now')
    return 'done'
  }
  expect(await retryUntilTaskTimeout(config, time, 'It cannot be done', work)).toBe('done')
  expect(warnings).toEqual(['It cannot be done yet; it is tried again until task.timeout.ms.'])
  expect(time.now()).toBe(20 + 40 + 80)
})

test('at task.timeout.ms it is an error with the last cause', async () => {
  const { config, time } = scene()
  const work = () => Promise.reject(new ClientError('NOT_NOW', 'retriable', 'broker 1 is down'))
  const failure = retryUntilTaskTimeout(config, time, 'It cannot be done', work)
  await expect(failure).rejects.toThrow(TimeoutError)
  await expect(failure).rejects.toThrow('It cannot be done within task.timeout.ms (10000 ms): broker 1 is down')
})

test('what will not pass is thrown at once', async () => {
  const { warnings, config, time } = scene()
  const work = () => Promise.reject(new ClientError('SASL_AUTHENTICATION_FAILED', 'fatal', 'wrong password'))
  await expect(retryUntilTaskTimeout(config, time, 'It cannot be done', work)).rejects.toThrow('wrong password')
  expect([warnings, time.now()]).toEqual([[], 0])
})
