import type { Serde, SerdeUse } from '@millrace/serdes'
import { MeteredStore } from '../state/metered-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { ProcessorTopology, TopologyPlan } from '../topology/processor-topology.ts'
import { retryUntilTaskTimeout } from './task-timeout.ts'

/** A serde, and the topic for which it is used. */
interface Use {
  readonly serde: Serde<unknown>
  readonly topic: string
  readonly use: SerdeUse
}

/**
 * Lets the serdes of a topology get what they need for the topics that it names, so that the first records find them ready.
 * Topics that are chosen by a pattern, or record by record, are not known yet. Ends early when `isWanted` says so.
 * @throws TimeoutError when a registry cannot be reached for `task.timeout.ms`, and what it refuses
 */
export async function prepareSerdes(
  plan: TopologyPlan,
  config: StreamsConfig,
  time: Time,
  isWanted: () => boolean,
): Promise<void> {
  const topologies = plan.subtopologies.map(({ topology }) => topology)
  if (plan.global !== undefined) topologies.push(plan.global)
  const uses = topologies.flatMap((topology) => usesOf(topology, config))
  if (uses.length === 0) return
  await retryUntilTaskTimeout(config, time, 'The serdes cannot get ready', async () => {
    if (isWanted()) await Promise.all(uses.map(({ serde, topic, use }) => serde.prepare!(topic, use)))
  })
}

function usesOf(topology: ProcessorTopology, { defaultKeySerde, defaultValueSerde }: StreamsConfig): readonly Use[] {
  const uses: Use[] = []
  const add = (serde: Serde<unknown> | undefined, topic: string, use: SerdeUse): void => {
    if (serde?.prepare !== undefined) uses.push({ serde, topic, use })
  }
  for (const node of topology.nodes) {
    if (node.kind === 'processor') continue
    const topics = node.kind === 'source' ? node.topics : [node.topic]
    for (const topic of topics) {
      if (typeof topic !== 'string') continue
      const use = node.kind === 'source' ? 'deserialize' : 'serialize'
      add(node.keySerde ?? defaultKeySerde, topic, use)
      add(node.valueSerde ?? defaultValueSerde, topic, use)
    }
  }
  for (const builder of topology.stores) {
    const topic = topology.changelogTopics.get(builder.name)
    if (topic === undefined) continue
    const store = builder.build()
    if (!(store instanceof MeteredStore)) continue
    for (const serde of [store.keySerde, store.valueSerde]) {
      add(serde, topic, 'serialize')
      add(serde, topic, 'deserialize')
    }
  }
  return uses
}
