import { deepEqual, equal, rejects, throws } from 'node:assert/strict'
import { Headers } from '@millrace/serdes'
import { bytesOf, type ClientSuiteOptions, readAll, textOf, withScene } from './suite.ts'

/** Sends without transactions, and reads by assignment. */
export function producerSuite(options: ClientSuiteOptions): void {
  withScene(options, 'key, value, timestamp and headers arrive as they were sent, nulls included', 1, async (scene) => {
    const { topic } = scene
    const producer = scene.producer()
    const headers = Headers.empty.add('a', 'one').add('a', null)
    producer.send(topic, 0, bytesOf('k'), bytesOf('v'), 1_700_000_000_000, headers)
    producer.send(topic, 0, null, null, 1_700_000_000_001, Headers.empty)
    await producer.flush()
    const [first, second] = await readAll(scene.reader(), { topic, partition: 0 }, 2)
    deepEqual([first!.offset, first!.timestamp], [0, 1_700_000_000_000])
    deepEqual([textOf(first!.key), textOf(first!.value)], ['k', 'v'])
    deepEqual(
      first!.headers.toArray().map(({ key, value }) => [key, textOf(value)]),
      [
        ['a', 'one'],
        ['a', options.nullHeaders === false ? '' : null],
      ],
    )
    deepEqual([second!.key, second!.value, second!.headers.size], [null, null, 0])
  })

  withScene(
    options,
    'many records keep their order in each partition; the listener hears the last offsets',
    3,
    async (scene) => {
      const { topic } = scene
      const producer = scene.producer()
      const last: number[] = []
      const failed: Error[] = []
      producer.setListener({
        onAcknowledged: (_topic, partition, offset) => {
          last[partition] = offset
        },
        onSendFailed: (_topic, _partition, error) => failed.push(error),
      })
      const filler = 'x'.repeat(200)
      for (let i = 0; i < 6000; i += 1) {
        producer.send(topic, i % 3, null, bytesOf(`${i} ${filler}`), 1_700_000_000_000, Headers.empty)
        if (i % 1000 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await producer.flush()
      deepEqual(failed, [])
      equal(producer.bufferedBytes(), 0)
      deepEqual(last, [1999, 1999, 1999])
      const reader = scene.reader()
      for (let partition = 0; partition < 3; partition += 1) {
        const read = await readAll(reader, { topic, partition }, 2000)
        deepEqual(
          read.map(({ value }) => Number(textOf(value)!.split(' ')[0])),
          Array.from({ length: 2000 }, (_, i) => i * 3 + partition),
        )
      }
    },
  )

  withScene(options, 'a record goes out by itself after the linger time', 1, async (scene) => {
    const producer = scene.producer()
    producer.send(scene.topic, 0, null, bytesOf('v'), 1_700_000_000_000, Headers.empty)
    equal((await readAll(scene.reader(), { topic: scene.topic, partition: 0 }, 1)).length, 1)
  })

  withScene(options, 'partitions of known topics are counted; others are refused', 3, async (scene) => {
    const producer = scene.producer()
    equal(producer.partitionCount(scene.topic), 3)
    throws(() => producer.partitionCount(`${scene.topic}-missing`), { code: 'UNKNOWN_TOPIC_OR_PARTITION' })
  })

  withScene(options, 'a producer without transactional id runs no transactions', 1, async (scene) => {
    await rejects(scene.producer().initTransactions(), { code: 'NOT_TRANSACTIONAL' })
  })
}
