import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { Headers } from '@millrace/serdes'
import { ClientError } from '../client-error.ts'
import type { Producer } from '../producer.ts'
import {
  bytesOf,
  type ClientSuiteOptions,
  pollUntil,
  readAll,
  recordingListener,
  recordsOf,
  textOf,
  valuesOf,
  withScene,
} from './suite.ts'

/** Transactions, and what `read_committed` shows of them. */
export function transactionSuite(options: ClientSuiteOptions): void {
  withScene(options, 'committed records are read, aborted ones are not, and the offsets go on', 2, async (scene) => {
    const { topic } = scene
    const producer = scene.producer(scene.group)
    await producer.initTransactions()
    await transaction(producer, topic, ['a', 'b'], 'commit')
    await transaction(producer, topic, ['c'], 'abort')
    await transaction(producer, topic, ['d', 'e', 'f'], 'commit')
    const partition = { topic, partition: 0 }
    const read = await readAll(scene.reader(), partition, 5)
    deepEqual(read.map(({ value }) => textOf(value)).join(''), 'abdef')
    ok(read.at(-1)!.offset > 5, 'markers and aborted records take offsets')
  })

  withScene(options, 'a member reads on within transactions of several producers that overlap', 1, async (scene) => {
    const { topic } = scene
    const producers = [1, 2, 3].map((n) => scene.producer(`${scene.group}-${n}`))
    for (const producer of producers) await producer.initTransactions()
    const write = async (producer: Producer, value: string) => {
      producer.send(topic, 0, null, bytesOf(value), 1_700_000_000_000, Headers.empty)
      await producer.flush()
    }
    const [first, second, third] = producers as [Producer, Producer, Producer]
    const member = scene.member()
    member.subscribe([topic], recordingListener(member))
    // A position between the first records of aborted transactions and their ends is where a reader goes wrong.
    for (const producer of producers) producer.beginTransaction()
    await write(first, 'aborted')
    await write(second, 'aborted')
    await write(third, 'a')
    await first.abortTransaction()
    await third.commitTransaction()
    const read = [...(await pollUntil(member, (found) => (found.at(-1)?.nextOffset ?? 0) > 0))]
    await write(second, 'aborted')
    await second.abortTransaction()
    await transaction(second, topic, ['b'], 'commit')
    await transaction(first, topic, ['c'], 'commit')
    read.push(...(await pollUntil(member, (found) => valuesOf(found).includes('0:c'))))
    deepEqual(valuesOf(read), ['0:a', '0:b', '0:c'])
  })

  withScene(options, 'the records of an open transaction are held back, and show when it commits', 1, async (scene) => {
    const { topic } = scene
    const partition = { topic, partition: 0 }
    const producer = scene.producer(scene.group)
    await producer.initTransactions()
    producer.beginTransaction()
    producer.send(topic, 0, null, bytesOf('v'), 1_700_000_000_000, Headers.empty)
    await producer.flush()
    const open = scene.reader('read_uncommitted')
    equal((await readAll(open, partition, 1)).length, 1)
    const committed = scene.reader()
    committed.assign([partition])
    committed.seek(partition, 0)
    deepEqual(await pollUntil(committed, () => false, 5), [])
    equal(committed.endOffset(partition) ?? 0, 0)
    const admin = scene.clients.admin()
    equal((await admin.endOffsets([partition], 'read_committed')).get(partition), 0)
    equal((await admin.endOffsets([partition], 'read_uncommitted')).get(partition), 1)
    await admin.close()
    await producer.commitTransaction()
    const read = await pollUntil(committed, (found) => recordsOf(found).length > 0)
    deepEqual(valuesOf(read), ['0:v'])
  })

  withScene(options, 'an empty transaction commits and aborts without a trace', 1, async (scene) => {
    const producer = scene.producer(scene.group)
    await producer.initTransactions()
    producer.beginTransaction()
    await producer.commitTransaction()
    producer.beginTransaction()
    await producer.abortTransaction()
    await transaction(producer, scene.topic, ['a'], 'commit')
    equal((await readAll(scene.reader(), { topic: scene.topic, partition: 0 }, 1))[0]!.offset, 0)
  })

  withScene(options, 'offsets are committed with the transaction, or not at all', 1, async (scene) => {
    const { topic } = scene
    const partition = { topic, partition: 0 }
    const member = scene.member()
    const producer = scene.producer(scene.group)
    await producer.initTransactions()
    for (const [offset, outcome] of [
      [5, 'commit'],
      [7, 'abort'],
    ] as const) {
      producer.beginTransaction()
      producer.send(topic, 0, null, bytesOf('v'), 1_700_000_000_000, Headers.empty)
      await producer.sendOffsetsToTransaction(
        new Map([[partition, { offset, metadata: `m${offset}` }]]),
        member.groupMetadata(),
      )
      if (outcome === 'commit') await producer.commitTransaction()
      else await producer.abortTransaction()
    }
    deepEqual((await member.committed([partition])).get(partition), { offset: 5, metadata: 'm5' })
  })

  withScene(
    options,
    'a newer producer of the same transactional id ends what the older one left, and fences it',
    1,
    async (scene) => {
      const { topic, group } = scene
      const older = scene.producer(group)
      await older.initTransactions()
      older.beginTransaction()
      older.send(topic, 0, null, bytesOf('lost'), 1_700_000_000_000, Headers.empty)
      await older.flush()
      const newer = scene.producer(group)
      await newer.initTransactions()
      await transaction(newer, topic, ['kept'], 'commit')
      await rejects(
        older.commitTransaction(),
        (error: unknown) => error instanceof ClientError && error.kind === 'fenced',
      )
      const read = await readAll(scene.reader(), { topic, partition: 0 }, 1)
      deepEqual(
        read.map(({ value }) => textOf(value)),
        ['kept'],
      )
    },
  )

  withScene(options, 'records cannot be sent before initTransactions', 1, async (scene) => {
    const producer = scene.producer(scene.group)
    const failed: Error[] = []
    producer.setListener({
      onAcknowledged: () => undefined,
      onSendFailed: (_topic, _partition, error) => failed.push(error),
    })
    producer.beginTransaction()
    producer.send(scene.topic, 0, null, bytesOf('v'), 1_700_000_000_000, Headers.empty)
    await producer.flush()
    deepEqual(
      failed.map((error) => error instanceof ClientError && error.code),
      ['NOT_INITIALIZED'],
    )
  })
}

async function transaction(
  producer: Producer,
  topic: string,
  values: readonly string[],
  outcome: 'commit' | 'abort',
): Promise<void> {
  producer.beginTransaction()
  for (const value of values) producer.send(topic, 0, null, bytesOf(value), 1_700_000_000_000, Headers.empty)
  await producer.flush()
  if (outcome === 'commit') await producer.commitTransaction()
  else await producer.abortTransaction()
}
