import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { Headers } from '@millrace/serdes'
import { ClientError } from '../client-error.ts'
import type { Consumer } from '../consumer.ts'
import { bytesOf, type ClientSuiteOptions, pollUntil, recordingListener, recordsOf, withScene } from './suite.ts'

/** Membership of groups, and committed offsets. */
export function groupSuite(options: ClientSuiteOptions): void {
  withScene(options, 'a single member gets all partitions, and reads on from what was committed', 2, async (scene) => {
    const { topic } = scene
    const producer = scene.producer()
    for (let i = 0; i < 4; i += 1) producer.send(topic, i % 2, null, bytesOf(`${i}`), 1_700_000_000_000, Headers.empty)
    await producer.flush()
    const first = scene.member()
    const heard = recordingListener(first)
    first.subscribe([topic], heard)
    const read = await pollUntil(first, (found) => recordsOf(found).length >= 4)
    equal(recordsOf(read).length, 4)
    deepEqual(heard.heard, ['assigned 0,1'])
    await first.commit(new Map(heard.owned.map((partition) => [partition, { offset: 2, metadata: 'm' }])))
    await first.close()

    producer.send(topic, 0, null, bytesOf('new'), 1_700_000_000_000, Headers.empty)
    await producer.flush()
    const second = scene.member()
    second.subscribe([topic], recordingListener(second))
    const rest = await pollUntil(second, (found) => recordsOf(found).length >= 1)
    deepEqual(
      recordsOf(rest).map(({ offset }) => offset),
      [2],
    )
  })

  withScene(options, 'partitions without a committed offset are absent', 2, async (scene) => {
    const partitions = [0, 1].map((partition) => ({ topic: scene.topic, partition }))
    const member = scene.member()
    member.subscribe([scene.topic], recordingListener(member))
    await pollUntil(member, () => false, 3)
    deepEqual([...(await member.committed(partitions)).keys()], [])
  })

  withScene(options, 'a member that leaves hands its partitions on', 2, async (scene) => {
    const [first, second] = [scene.member(), scene.member()]
    const [one, two] = [recordingListener(first), recordingListener(second)]
    first.subscribe([scene.topic], one)
    await pollUntil(first, () => one.owned.length === 2)
    second.subscribe([scene.topic], two)
    await Promise.all([pollUntil(first, () => false, 5), pollUntil(second, () => false, 5)])
    await first.close()
    await pollUntil(second, () => two.owned.length === 2)
    equal(two.owned.length, 2)
  })

  if (!options.sharesPartitions) return

  withScene(options, 'two members share the partitions, and each partition has one reader', 4, async (scene) => {
    const [first, second] = [scene.member(), scene.member()]
    const [one, two] = [recordingListener(first), recordingListener(second)]
    first.subscribe([scene.topic], one)
    await pollUntil(first, () => one.owned.length === 4)
    second.subscribe([scene.topic], two)
    await balance(first, second, () => one.owned.length === 2 && two.owned.length === 2)
    deepEqual([...one.owned, ...two.owned].map(({ partition }) => partition).sort(), [0, 1, 2, 3])
    if (options.revokes === false) equal(one.heard[1], 'lost 0,1,2,3')
    else deepEqual(one.heard.slice(1), [`revoked ${two.owned.map(({ partition }) => partition).sort()}`])
  })

  if (options.clients().supports.fencing !== 'group') return

  withScene(options, 'a transaction of an earlier generation cannot commit offsets', 2, async (scene) => {
    const partition = { topic: scene.topic, partition: 0 }
    const [first, second] = [scene.member(), scene.member()]
    const [one, two] = [recordingListener(first), recordingListener(second)]
    first.subscribe([scene.topic], one)
    await pollUntil(first, () => one.owned.length === 2)
    const stale = first.groupMetadata()
    second.subscribe([scene.topic], two)
    await balance(first, second, () => one.owned.length === 1 && two.owned.length === 1)
    ok(first.groupMetadata().generationId > stale.generationId)
    const producer = scene.producer(scene.group)
    await producer.initTransactions()
    producer.beginTransaction()
    const offsets = new Map([[partition, { offset: 1, metadata: '' }]])
    await rejects(
      producer.sendOffsetsToTransaction(offsets, stale),
      (error: unknown) => error instanceof ClientError && error.kind === 'fenced',
    )
    await producer.abortTransaction()
  })
}

/** Polls both until `isDone`. */
async function balance(first: Consumer, second: Consumer, isDone: () => boolean): Promise<void> {
  for (let left = 600; left > 0 && !isDone(); left -= 1) await Promise.all([first.poll(20), second.poll(20)])
}
