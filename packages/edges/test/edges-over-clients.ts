import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Serdes, type TopicDeclaration, topic } from '@millrace/serdes'
import { type KafkaClientSupplier, KafkaStreams, StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { lastValueFrom, map, range, take as takeFirst, toArray } from 'rxjs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fromObservable, toObservable } from '../src/rxjs/index.ts'
import { fromAsyncIterable, fromReadableStream, toAsyncIterable, toReadableStream } from '../src/streams/index.ts'
import { EdgeTraffic } from './edge-traffic.ts'

const timeoutMs = 60_000
const count = 2_000
/** Long enough that the topic does not come in one answer. */
const text = (value: number) => `${value}:`.padEnd(1_000, '.')
const texts = Array.from({ length: count }, (_, value) => text(value))
const closed = texts.map((value) => `${value}!`)

/** The edges over the clients of a cluster: what goes in comes out, and neither end runs ahead of the other. */
export function edgeTests(clients: () => KafkaClientSupplier, uniqueName: (prefix: string) => string): void {
  let stateDir: string
  let traffic: EdgeTraffic
  let input: TopicDeclaration<string, string>
  let output: TopicDeclaration<string, string>
  let builder: StreamsBuilder

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
    traffic = new EdgeTraffic(clients())
    input = topic(uniqueName('in'), { key: Serdes.string(), value: Serdes.string() })
    output = topic(uniqueName('out'), { key: Serdes.string(), value: Serdes.string() })
    builder = new StreamsBuilder({ logger: silentLogger })
    const admin = traffic.clients.admin()
    await admin.createTopics([input, output].map(({ name }) => ({ name, partitions: 1, configs: {} })))
    await admin.close()
  })
  afterEach(() => rmSync(stateDir, { recursive: true, force: true }))

  async function started(): Promise<KafkaStreams> {
    const properties = {
      'application.id': uniqueName('edges'),
      'commit.interval.ms': 20,
      'state.dir': stateDir,
      'processing.guarantee': 'exactly_once_v2',
      logger: silentLogger,
    } as const
    const streams = new KafkaStreams(builder.build(), properties, traffic.clients)
    await streams.start()
    return streams
  }

  test(
    'async iterables: no more in flight than allowed, no poll before the last one was taken',
    async () => {
      const lines = fromAsyncIterable(builder, texts, input, { maxInFlight: 100 })
      const reader = toAsyncIterable(
        lines.mapValues((value) => `${value}!`),
        output,
      )[Symbol.asyncIterator]()
      const streams = await started()
      await traffic.whenAcknowledged(count)
      expect(traffic.mostInFlight).toBeLessThanOrEqual(100)
      const read: (string | null)[] = []
      while (read.length < count) {
        read.push((await reader.next()).value!.value)
        // Records of the poll before were all taken when there is another.
        expect(traffic.polledBefore).toBeLessThanOrEqual(read.length)
      }
      expect(read).toEqual(closed)
      expect(traffic.polls).toBeGreaterThan(1)
      await reader.return!()
      await streams.close()
    },
    timeoutMs,
  )

  test(
    'web streams: nothing is taken from the source, and nothing is read, ahead of its turn',
    async () => {
      let pulled = 0
      const source = new ReadableStream<string>(
        {
          pull(controller) {
            if (pulled < count) controller.enqueue(texts[pulled++]!)
            else controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      const lines = fromReadableStream(builder, source, input, { maxInFlight: 100 })
      const reader = toReadableStream(
        lines.mapValues((value) => `${value}!`),
        output,
      ).getReader()
      const streams = await started()
      await traffic.whenAcknowledged(count)
      expect(traffic.mostInFlight).toBeLessThanOrEqual(100)
      const read: (string | null)[] = []
      while (read.length < count) {
        read.push((await reader.read()).value!.value)
        expect(traffic.polledBefore).toBeLessThanOrEqual(read.length)
      }
      expect(read).toEqual(closed)
      await reader.cancel()
      await streams.close()
    },
    timeoutMs,
  )

  test(
    'observables: all that is emitted within maxInFlight comes out',
    async () => {
      const lines = fromObservable(builder, range(0, count).pipe(map(text)), input, { maxInFlight: count })
      const results = lastValueFrom(
        toObservable(
          lines.mapValues((value) => `${value}!`),
          output,
        ).pipe(
          map(({ value }) => value),
          takeFirst(count),
          toArray(),
        ),
      )
      const streams = await started()
      expect(await results).toEqual(closed)
      await streams.close()
    },
    timeoutMs,
  )

  test(
    'an observable that emits more than maxInFlight at once is stopped, and what it gave before is written',
    async () => {
      const errors: Error[] = []
      const options = { maxInFlight: 100, onError: (error: Error) => errors.push(error) }
      const lines = fromObservable(builder, range(0, count).pipe(map(text)), input, options)
      const reader = toAsyncIterable(lines, output)[Symbol.asyncIterator]()
      const streams = await started()
      for (const value of texts.slice(0, 100)) expect((await reader.next()).value!.value).toBe(value)
      expect(errors.map(({ name }) => name)).toEqual(['FeedOverflowError'])
      await reader.return!()
      await streams.close()
    },
    timeoutMs,
  )
}
