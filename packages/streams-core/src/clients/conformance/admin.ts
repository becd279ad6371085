import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { Headers } from '@millrace/serdes'
import { bytesOf, type ClientSuiteOptions, withScene } from './suite.ts'

/** Topics and offsets. */
export function adminSuite(options: ClientSuiteOptions): void {
  withScene(options, 'topics are described; those that do not exist are absent', 3, async ({ clients, topic }) => {
    const admin = clients.admin()
    const found = await admin.describeTopics([topic, `${topic}-missing`])
    deepEqual([...found.keys()], [topic])
    equal(found.get(topic)?.partitions, 3)
    ok(found.get(topic)!.topicId.length > 0)
    ok((await admin.listTopics()).includes(topic))
    await admin.close()
  })

  withScene(options, 'a topic is not made twice', 1, async ({ clients, topic }) => {
    const admin = clients.admin()
    await rejects(admin.createTopics([{ name: topic, partitions: 1, configs: {} }]), { code: 'TOPIC_ALREADY_EXISTS' })
    await admin.close()
  })

  withScene(options, 'configs of a new topic are kept', 1, async ({ clients, topic }) => {
    const admin = clients.admin()
    const name = `${topic}-compacted`
    await admin.createTopics([{ name, partitions: 1, configs: { 'cleanup.policy': 'compact' } }])
    equal((await admin.topicConfigs(name))['cleanup.policy'], 'compact')
    await admin.close()
  })

  withScene(options, 'offsets are found by place and by time; deleted records move the beginning', 1, async (scene) => {
    const { clients, topic } = scene
    const partition = { topic, partition: 0 }
    const producer = scene.producer()
    const base = 1_700_000_000_000
    for (let i = 0; i < 4; i += 1) {
      producer.send(topic, 0, null, bytesOf(`${i}`), base + i * 1000, Headers.empty)
      await producer.flush()
    }
    const admin = clients.admin()
    equal((await admin.earliestOffsets([partition])).get(partition), 0)
    equal((await admin.endOffsets([partition], 'read_committed')).get(partition), 4)
    equal((await admin.offsetsForTime([partition], base + 1500)).get(partition), 2)
    equal((await admin.offsetsForTime([partition], base + 9000)).get(partition), 4)
    const epoch = (await admin.leaderEpochs([partition])).get(partition)!
    if (epoch >= 0) equal(await admin.epochEndOffset(partition, epoch), 4)
    await admin.deleteRecords(new Map([[partition, 3]]))
    equal((await admin.earliestOffsets([partition])).get(partition), 3)
    await admin.close()
  })
}
