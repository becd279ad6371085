import type { LogEngine } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import type { FixedKeyProcessorContext } from '../../src/processors/processor.ts'
import type { FixedKeyRecord } from '../../src/processors/record.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import type { PlannedTopology } from '../../src/topology/processor-topology.ts'

// What is killed: per word, the number of its records, their sum, and the greatest of them, each in a store of another kind.
//
//   words ─► counts (persistent, each change goes on) ─► counts-out
//        ├─► sums (persistent, cached; the aggregate is changed in place) ─► sums-out
//        └─► greatest (in memory)

export const applicationId = 'killed'
export const partitions = 2

export const word = Serdes.string()
export const number = Serdes.json<number>()

/** The aggregate that the application changes in place. */
export interface Sum {
  count: number
  sum: number
}
export const sum = Serdes.json<Sum>()

/** Records of a task between two commits. */
const recordsPerCommit = 25

export function killedTopology(): PlannedTopology {
  const builder = new StreamsBuilder()
  const words = builder.stream('words', { keySerde: word, valueSerde: number }).processValues(() => {
    let context: FixedKeyProcessorContext<string, number>
    let records = 0
    return {
      init(given: FixedKeyProcessorContext<string, number>) {
        context = given
      },
      process(record: FixedKeyRecord<string, number>) {
        context.forward(record)
        records += 1
        if (records % recordsPerCommit === 0) context.commit()
      },
    }
  })
  const grouped = words.groupByKey({ keySerde: word, valueSerde: number })
  grouped
    .count({ storeName: 'counts', keySerde: word, valueSerde: number, caching: false })
    .toStream()
    .to('counts-out', { keySerde: word, valueSerde: number })
  grouped
    .aggregate(
      (): Sum => ({ count: 0, sum: 0 }),
      (aggregate, value) => {
        aggregate.count += 1
        aggregate.sum += value
        return aggregate
      },
      { storeName: 'sums', keySerde: word, valueSerde: sum },
    )
    .toStream()
    .to('sums-out', { keySerde: word, valueSerde: sum })
  grouped.reduce((a, b) => Math.max(a, b), {
    storeName: 'greatest',
    storeType: 'in_memory',
    keySerde: word,
    valueSerde: number,
  })
  return builder.build()
}

/** Instances that run at most. */
export const mostInstances = 2

/** Where an instance has its state; the others must not touch it. */
export function stateFolder(instance: number): string {
  return `state-${instance}`
}

export function killedSettings(dir: string, instance: number): StreamsProperties {
  return {
    'application.id': applicationId,
    'state.dir': `${dir}/${stateFolder(instance)}`,
    'state.snapshot.dir': `${dir}/snapshots`,
    'state.snapshot.interval.ms': 0,
    'commit.interval.ms': 20,
    'poll.ms': 5,
  }
}

/** True when every input record is committed. */
export function isAllDone(log: LogEngine): boolean {
  for (let partition = 0; partition < partitions; partition += 1) {
    const end = log.listOffset({ topic: 'words', partition }, 'latest').offset
    if (committedOffset(log, partition) < end) return false
  }
  return true
}

/** The committed offset of an input partition; 0 when there is none. */
export function committedOffset(log: LogEngine, partition: number): number {
  return Math.max(0, log.fetchOffsets(applicationId, [{ topic: 'words', partition }])[0]?.offset ?? 0)
}
