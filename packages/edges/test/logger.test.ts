import { Writable } from 'node:stream'
import { Serdes } from '@millrace/serdes'
import { StreamsBuilder } from '@millrace/streams-core'
import { TopologyTestDriver } from '@millrace/testkit'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'

const string = Serdes.string()

/** One record that cannot be processed, and is skipped. */
function run(logger: NonNullable<ConstructorParameters<typeof StreamsBuilder>[0]>['logger'], fail: boolean): void {
  const settings = { 'processing.exception.handler': 'continue', ...(logger === undefined ? {} : { logger }) } as const
  const builder = new StreamsBuilder(settings)
  builder.stream('in', { keySerde: string, valueSerde: string }).foreach((value) => {
    if (fail) throw new Error(`No ${value} please.`)
  })
  const driver = new TopologyTestDriver(builder.build(), settings)
  driver.createInputTopic('in').pipeInput('k', 'v')
  driver.close()
}

test('a pino gets the error as a field, and then the message', () => {
  const lines: string[] = []
  const logger = pino(
    { base: { service: 'orders' } },
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    }),
  )
  run(logger, true)
  const logged = lines.map((line) => JSON.parse(line))
  expect(logged).toMatchObject([{ level: 40, service: 'orders', err: { type: 'Error', message: 'No v please.' } }])
  expect(logged[0].msg).toMatch(/^Skipped a record that failed in processing/)
})

test('a plain logger gets the message, and then the error', () => {
  const logged: unknown[] = []
  const logger = { info: () => {}, warn: (...args: unknown[]) => void logged.push(args), error: () => {} }
  run(logger, true)
  expect(logged).toEqual([[expect.stringMatching(/^Skipped a record/), new Error('No v please.')]])
})

test('nothing is written when nothing is wrong', () => {
  const writes = [vi.spyOn(process.stderr, 'write'), vi.spyOn(process.stdout, 'write')]
  try {
    run(undefined, false)
    expect(writes.map((write) => write.mock.calls)).toEqual([[], []])
  } finally {
    for (const write of writes) write.mockRestore()
  }
})
