import { StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { TopologyTestDriver } from '@millrace/testkit'
import { firstValueFrom, from, lastValueFrom, map, Subject, take, takeWhile, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import {
  FeedOverflowError,
  fromObservable,
  observeMetrics,
  observeRestore,
  observeState,
  type RestoreProgress,
  toObservable,
} from '../src/rxjs/index.ts'
import { application, doubled, numbers, until } from './fixture.ts'

function twice(source: Parameters<typeof fromObservable<string, number>>[1], options = {}) {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const input = fromObservable(builder, source, numbers, { key: (value) => `k${value}`, ...options })
  const output = toObservable(
    input.mapValues((value) => value * 2),
    doubled,
  )
  return { builder, output }
}

test('in the test driver results are emitted before next() returns', () => {
  const source = new Subject<number>()
  const { builder, output } = twice(source)
  const results: (number | null)[] = []
  let isComplete = false
  output.subscribe({ next: ({ value }) => results.push(value), complete: () => (isComplete = true) })
  const driver = new TopologyTestDriver(builder.build())
  source.next(1)
  expect(results).toEqual([2])
  source.next(2)
  expect(results).toEqual([2, 4])
  driver.close()
  expect(source.observed).toBe(false)
  source.next(3)
  expect(results).toEqual([2, 4])
  expect(isComplete).toBe(true)
})

test('over a log: what enters comes out after its commit, and the observable completes with the application', async () => {
  const { builder, output } = twice(from(Array.from({ length: 300 }, (_, at) => at)))
  const all = lastValueFrom(
    output.pipe(
      map(({ value }) => value),
      toArray(),
    ),
  )
  const app = await application(builder, { 'processing.guarantee': 'exactly_once_v2' })
  await app.streams.start()
  await until(() => app.engine.listOffset({ topic: 'doubled', partition: 0 }, 'latest').offset >= 300)
  await app.close()
  expect(await all).toEqual(Array.from({ length: 300 }, (_, at) => at * 2))
})

test('an observable that is faster than the log is stopped with an error', async () => {
  const errors: Error[] = []
  const source = new Subject<number>()
  const { builder } = twice(source, { maxInFlight: 5, onError: (error: Error) => errors.push(error) })
  const app = await application(builder)
  await app.streams.start()
  await until(() => source.observed)
  for (let value = 0; value < 100; value += 1) source.next(value)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toBeInstanceOf(FeedOverflowError)
  expect(source.observed).toBe(false)
  expect(app.streams.state()).toBe('RUNNING')
  await app.close()
})

test('with overflow drop the values beyond are left out and counted', async () => {
  let dropped = 0
  const source = new Subject<number>()
  const options = { maxInFlight: 5, overflow: 'drop', onDropped: (count: number) => (dropped = count) }
  const { builder, output } = twice(source, options)
  const results = firstValueFrom(
    output.pipe(
      map(({ value }) => value),
      take(5),
      toArray(),
    ),
  )
  const app = await application(builder)
  await app.streams.start()
  await until(() => source.observed)
  for (let value = 0; value < 100; value += 1) source.next(value)
  expect(await results).toEqual([0, 2, 4, 6, 8])
  expect(dropped).toBe(95)
  await app.close()
})

test('a subscriber that leaves is read for no more', async () => {
  const source = new Subject<number>()
  const { builder, output } = twice(source)
  const first = firstValueFrom(output)
  const app = await application(builder)
  await app.streams.start()
  await until(() => source.observed)
  source.next(1)
  expect((await first).value).toBe(2)
  await app.close()
})

test('the error that ends the application comes out', async () => {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const source = new Subject<number>()
  const output = toObservable(
    fromObservable(builder, source, numbers).mapValues((value): number => {
      throw new Error(`No ${value} please.`)
    }),
    doubled,
  )
  const failure = lastValueFrom(output).catch((error: Error) => error.message)
  const app = await application(builder)
  await app.streams.start()
  await until(() => source.observed)
  source.next(7)
  expect(await failure).toMatch(/No 7 please/)
  await app.close()
})

test('state and metrics are observables', async () => {
  const { builder } = twice(from([1, 2, 3]))
  const app = await application(builder)
  const states = lastValueFrom(observeState(app.streams).pipe(toArray()))
  const processed = firstValueFrom(
    observeMetrics(app.streams, { intervalMs: 1 }).pipe(
      map((metrics) =>
        metrics.find(({ name, group }) => group === 'stream-thread-metrics' && name === 'process-total'),
      ),
      map((metric) => Number(metric?.value() ?? 0)),
      takeWhile((count) => count < 3, true),
      toArray(),
      map((counts) => counts.at(-1)),
    ),
  )
  await app.streams.start()
  expect(await processed).toBe(3)
  await app.close()
  expect(await states).toEqual(['CREATED', 'REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN', 'NOT_RUNNING'])
})

test('restoring is an observable', async () => {
  const build = () => {
    const builder = new StreamsBuilder({ logger: silentLogger })
    builder.stream(numbers).groupByKey().count({ storeName: 'counts', storeType: 'in_memory', caching: false })
    return builder
  }
  const feeding = new StreamsBuilder({ logger: silentLogger })
  fromObservable(feeding, from([1, 2, 3]), numbers, { key: (value) => `k${value}` })
    .groupByKey()
    .count({ storeName: 'counts', storeType: 'in_memory', caching: false })
  const first = await application(feeding)
  await first.streams.start()
  const changelog = { topic: 'edges-counts-changelog', partition: 0 }
  await until(() => first.engine.listOffset(changelog, 'latest').offset >= 3)
  await first.streams.close()

  const second = await application(build(), {}, first.engine)
  const steps: RestoreProgress[] = []
  observeRestore(second.streams).subscribe((step) => steps.push(step))
  await second.streams.start()
  expect(steps.map(({ event }) => event)).toEqual(['start', 'batch', 'end'])
  expect(steps.at(-1)).toMatchObject({ storeName: 'counts', restored: 3 })
  await second.close()
  await first.close()
})
