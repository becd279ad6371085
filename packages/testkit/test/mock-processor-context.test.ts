import { Serdes } from '@millrace/serdes'
import { type KeyValueStore, type Processor, type ProcessorContext, Record, Stores } from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { MockProcessorContext } from '../src/index.ts'

/** Counts keys, forwards each tenth second, and asks for a commit. */
class Counter implements Processor<string, string, string, number> {
  #context!: ProcessorContext<string, number>
  #counts!: KeyValueStore<string, number>

  init(context: ProcessorContext<string, number>): void {
    this.#context = context
    this.#counts = context.getStateStore('counts')
    context.schedule(10_000, 'wall-clock-time', (time) => {
      for (const [key, count] of this.#counts.all()) context.forward(new Record(key, count, time), 'report')
    })
  }

  process(record: Record<string, string>): void {
    this.#counts.put(record.key, (this.#counts.get(record.key) ?? 0) + 1)
    this.#context.commit()
  }
}

test('a processor can be tested by itself', () => {
  const context = new MockProcessorContext<string, number>()
  const store = Stores.keyValueStoreBuilder(
    Stores.inMemoryKeyValueStore('counts'),
    Serdes.string(),
    Serdes.json<number>(),
  )
  context.addStateStore(store.build())
  const counter = new Counter()
  counter.init(context)
  counter.process(new Record('a', 'x', 0))
  counter.process(new Record('a', 'y', 1))
  expect(context.committed()).toBe(true)
  expect(context.forwarded()).toEqual([])

  const [punctuator] = context.scheduledPunctuators()
  expect([punctuator!.intervalMs, punctuator!.type, punctuator!.isCancelled]).toEqual([
    10_000,
    'wall-clock-time',
    false,
  ])
  punctuator!.punctuator(10_000)
  expect(context.forwarded('report').map(({ record }) => [record.key, record.value, record.timestamp])).toEqual([
    ['a', 2, 10_000],
  ])
  expect(context.forwarded('other')).toEqual([])
  context.resetForwards()
  expect(context.forwarded()).toEqual([])
})

test('record metadata and times are what the test sets', () => {
  const context = new MockProcessorContext()
  expect(context.recordMetadata()).toBeUndefined()
  context.setRecordMetadata('t', 1, 2)
  context.setCurrentStreamTimeMs(5)
  context.setCurrentSystemTimeMs(6)
  expect(context.recordMetadata()).toEqual({ topic: 't', partition: 1, offset: 2 })
  expect([context.currentStreamTimeMs(), context.currentSystemTimeMs()]).toEqual([5, 6])
})

test('an unknown store is an error that says what to do', () => {
  expect(() => new MockProcessorContext().getStateStore('none')).toThrow('Call addStateStore() before init()')
})
