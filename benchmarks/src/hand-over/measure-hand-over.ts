import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Headers, KafkaStreams, Serdes, StreamsBuilder, silentLogger } from 'millrace'
import { startBroker } from 'millrace/broker'
import { nativeClientSupplier } from 'millrace/native'

/** What is measured. */
export interface HandOverOptions {
  /** In the store that moves. */
  readonly keys: number
  readonly rounds: number
  /** Undefined: a bundled broker is started. */
  readonly bootstrap: string | undefined
}

const partitions = 4
/** ms between two records of a partition. */
const stepMs = 10
const text = Serdes.string()
const int64 = Serdes.int64()

/**
 * How long a task gives no results when it moves to the instance that has the standby copy: after the other one has left,
 * and after it has come back. Heartbeats are every 3 s, Kafka's default; two instances, exactly once, commits every 100 ms.
 */
export async function measureHandOver({ keys, rounds, bootstrap }: HandOverOptions): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const broker = bootstrap === undefined ? await startBroker({ dir: join(dir, 'log') }) : undefined
  const bootstrapServers = bootstrap ?? broker!.address
  const clients = () => nativeClientSupplier({ bootstrapServers })
  const run = `hand-over-${Date.now()}`
  const [input, output] = [`${run}-in`, `${run}-out`]
  const admin = clients().admin()
  await admin.createTopics([input, output].map((name) => ({ name, partitions, configs: {} })))
  await admin.close()

  const instance = async (name: string): Promise<KafkaStreams> => {
    const builder = new StreamsBuilder()
    builder
      .stream(input, { keySerde: text, valueSerde: text })
      .groupByKey()
      .count({ storeName: 'counts' })
      .toStream()
      .to(output, { keySerde: text, valueSerde: int64 })
    const settings = {
      'application.id': run,
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': 100,
      'statestore.cache.max.bytes': 0,
      'num.standby.replicas': 1,
      'probing.rebalance.interval.ms': 60_000,
      'state.dir': join(dir, name),
      logger: silentLogger,
    } as const
    const streams = new KafkaStreams(builder.build(), settings, clients())
    await streams.start()
    return streams
  }
  const producer = clients().producer({ clientId: 'feed', transactionalId: undefined, transactionTimeoutMs: 60_000 })
  const send = (partition: number, i: number) => {
    const key = text.serialize(input, `${partition}-${i % keys}`)
    producer.send(input, partition, key, text.serialize(input, ''), Date.now(), Headers.empty)
  }
  const results = new LastResults()
  const stopWatching = watch(
    clients().restoreConsumer({ clientId: 'watch', isolation: 'read_committed' }),
    output,
    results,
  )
  let stays = await instance('one')
  let goes = await instance('two')
  for (let i = 0; i < keys; i += 1) {
    send(i % partitions, i)
    if (i % 5000 === 0) await producer.flush()
  }
  await producer.flush()
  let sent = keys
  const feeding = setInterval(() => {
    for (let partition = 0; partition < partitions; partition += 1) send(partition, sent)
    sent += 1
  }, stepMs)
  const tasksOf = (streams: KafkaStreams) => streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks)
  const isCaughtUp = async () => {
    const lags = [
      ...(await stays.allLocalStorePartitionLags()).values(),
      ...(await goes.allLocalStorePartitionLags()).values(),
    ]
    return (
      lags.length > 0 &&
      lags.every((byPartition) => [...byPartition.values()].every(({ offsetLag }) => offsetLag < 1000))
    )
  }
  const settled = async () => {
    while (tasksOf(stays).length !== partitions / 2 || tasksOf(goes).length !== partitions / 2) await sleep(20)
    while (!(await isCaughtUp())) await sleep(100)
    await sleep(1000)
  }
  const [left, came]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    await settled()
    results.longestGapMs = 0
    await goes.close({ groupMembershipOperation: 'LEAVE_GROUP' })
    while (tasksOf(stays).length !== partitions) await sleep(20)
    await sleep(2000)
    left.push(results.longestGapMs)
    results.longestGapMs = 0
    goes = await instance(round % 2 === 0 ? 'two' : 'one')
    await settled()
    came.push(results.longestGapMs)
    ;[stays, goes] = [goes, stays]
  }
  const shown = (gaps: readonly number[]) => gaps.map((ms) => (ms / 1000).toFixed(2)).join(', ')
  process.stdout.write(`hand-over: ${keys} keys in ${partitions} tasks; longest time without a result of a task\n`)
  process.stdout.write(`  an instance leaves: ${shown(left)} s\n  an instance comes back: ${shown(came)} s\n`)
  clearInterval(feeding)
  await Promise.all([stays.close(), goes.close(), producer.close(), stopWatching()])
  await broker?.close()
  rmSync(dir, { recursive: true, force: true })
}

/** When each task had its last result. */
class LastResults {
  readonly #lastMs = new Map<number, number>()
  longestGapMs = 0

  see(task: number): void {
    const now = performance.now()
    this.longestGapMs = Math.max(this.longestGapMs, now - (this.#lastMs.get(task) ?? now))
    this.#lastMs.set(task, now)
  }
}

/** Reads results all the time; what it gives ends that. */
function watch(
  consumer: ReturnType<ReturnType<typeof nativeClientSupplier>['restoreConsumer']>,
  topic: string,
  results: LastResults,
): () => Promise<void> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  consumer.assign(all)
  consumer.seekToBeginning(all)
  let isStopped = false
  const reading = (async () => {
    while (!isStopped) {
      for (const { records } of await consumer.poll(50)) {
        // The key begins with the partition that it came from.
        for (const { key } of records) results.see(Number(text.deserialize(topic, key)!.split('-')[0]))
      }
    }
  })()
  return async () => {
    isStopped = true
    await reading
    await consumer.close()
  }
}
