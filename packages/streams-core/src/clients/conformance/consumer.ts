import { deepEqual, equal, rejects, throws } from 'node:assert/strict'
import { Headers } from '@millrace/serdes'
import type { OffsetOutOfRangeError } from '../offset-out-of-range-error.ts'
import type { Scene } from './suite.ts'
import { bytesOf, type ClientSuiteOptions, pollUntil, recordsOf, valuesOf, withScene } from './suite.ts'

/** Reads by assignment. */
export function consumerSuite(options: ClientSuiteOptions): void {
  withScene(options, 'a position is where the next record is read from, back and forth', 1, async (scene) => {
    await produce(scene, 10)
    const partition = { topic: scene.topic, partition: 0 }
    const reader = scene.reader()
    reader.assign([partition])
    throws(() => reader.position(partition), { code: 'NO_POSITION' })
    reader.seek(partition, 8)
    const tail = await pollUntil(reader, (read) => recordsOf(read).length >= 2)
    deepEqual(valuesOf(tail), ['0:8', '0:9'])
    equal(reader.position(partition), 10)
    equal(reader.endOffset(partition), 10)
    reader.seek(partition, 3)
    deepEqual(valuesOf(await pollUntil(reader, (read) => recordsOf(read).length >= 7)).slice(0, 2), ['0:3', '0:4'])
  })

  withScene(options, 'paused partitions give nothing until they are resumed', 2, async (scene) => {
    await produce(scene, 10, 2)
    const [first, second] = [0, 1].map((partition) => ({ topic: scene.topic, partition }))
    const reader = scene.reader()
    reader.assign([first!, second!])
    reader.seekToBeginning([first!, second!])
    reader.pause([first!])
    const read = await pollUntil(reader, (found) => recordsOf(found).length >= 5)
    deepEqual([...new Set(read.map(({ partition }) => partition))], [1])
    reader.resume([first!])
    deepEqual(valuesOf(await pollUntil(reader, (found) => recordsOf(found).length >= 5))[0], '0:0')
  })

  withScene(options, 'a poll waits for what is written meanwhile, and wakeup ends it', 1, async (scene) => {
    const partition = { topic: scene.topic, partition: 0 }
    const reader = scene.reader()
    reader.assign([partition])
    reader.seek(partition, 0)
    const waiting = pollUntil(reader, (read) => read.length > 0)
    await produce(scene, 1)
    deepEqual(valuesOf(await waiting), ['0:0'])
    const long = reader.poll(60_000)
    reader.wakeup()
    deepEqual(await long, [])
  })

  withScene(
    options,
    'the end of a partition becomes known after each assignment, also where nothing is new',
    2,
    async (scene) => {
      const partitions = [0, 1].map((partition) => ({ topic: scene.topic, partition }))
      await produce(scene, 2, 2)
      const reader = scene.reader()
      for (let round = 0; round < 3; round += 1) {
        reader.assign(partitions)
        for (const [partition, one] of partitions.entries()) reader.seek(one, partition === 0 ? 0 : 1)
        await pollUntil(reader, () => partitions.every((one) => reader.endOffset(one) !== undefined))
        deepEqual(
          partitions.map((one) => reader.endOffset(one)),
          [1, 1],
        )
        // Partition 0 is read on meanwhile, as a member does that keeps one partition and loses the other for a while.
        reader.assign(partitions.slice(0, 1))
        await reader.poll(20)
      }
    },
  )

  withScene(
    options,
    'a position that is not in the log is reported, and no record of the others is lost',
    3,
    async (scene) => {
      await produce(scene, 9, 3)
      const [first, second, third] = [0, 1, 2].map((partition) => ({ topic: scene.topic, partition }))
      const reader = scene.reader()
      reader.assign([first!, second!, third!])
      reader.seekToBeginning([first!, third!])
      reader.seek(second!, 1000)
      const read: string[] = []
      let failure: unknown
      for (let left = 600; left > 0 && (failure === undefined || read.length < 6); left -= 1) {
        try {
          read.push(...valuesOf(await reader.poll(20)))
        } catch (error) {
          failure = error
        }
      }
      equal((failure as OffsetOutOfRangeError).code, 'OFFSET_OUT_OF_RANGE')
      deepEqual((failure as OffsetOutOfRangeError).partitions, [second])
      deepEqual(read.sort(), ['0:0', '0:3', '0:6', '2:2', '2:5', '2:8'])
      reader.seek(second!, 2)
      deepEqual(valuesOf(await pollUntil(reader, (found) => recordsOf(found).length > 0)), ['1:7'])
    },
  )

  withScene(options, 'partitions that are not assigned are refused, and a reader has no group', 1, async (scene) => {
    const partition = { topic: scene.topic, partition: 0 }
    const reader = scene.reader()
    throws(() => reader.seek(partition, 0), { code: 'NOT_ASSIGNED' })
    await rejects(reader.committed([partition]), { code: 'NO_GROUP' })
  })
}

/** Numbers from 0 on, in turn over the partitions. */
async function produce(scene: Scene, count: number, partitions = 1): Promise<void> {
  const producer = scene.producer()
  for (let i = 0; i < count; i += 1) {
    producer.send(scene.topic, i % partitions, null, bytesOf(`${i}`), 1_700_000_000_000, Headers.empty)
  }
  await producer.flush()
}
