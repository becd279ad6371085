import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { Stores, StreamsBuilder, silentLogger, Topology } from '../../src/index.ts'

test('describes subtopologies and global stores as Java does', () => {
  const route = () => 'a'
  const builder = new StreamsBuilder({ logger: silentLogger })
  const global = builder.globalTable('rates', { storeName: 'rates-store' })
  builder
    .stream(/orders-.*/)
    .join(
      global,
      (value) => value,
      (value) => value,
    )
    .to(route, { valueSerde: Serdes.bytes() })
  builder.stream(['b', 'a']).to('copies')
  expect(builder.build().describe().toString()).toBe(`Topologies:
   Sub-topology: 0 for global store (will not generate tasks)
    Source: KSTREAM-SOURCE-0000000000 (topics: [rates])
      --> KTABLE-SOURCE-0000000001
    Processor: KTABLE-SOURCE-0000000001 (stores: [rates-store])
      --> none
      <-- KSTREAM-SOURCE-0000000000
  Sub-topology: 1
    Source: KSTREAM-SOURCE-0000000002 (topics: orders-.*)
      --> KSTREAM-LEFTJOIN-0000000003
    Processor: KSTREAM-LEFTJOIN-0000000003 (stores: [])
      --> KSTREAM-SINK-0000000004
      <-- KSTREAM-SOURCE-0000000002
    Sink: KSTREAM-SINK-0000000004 (extractor class: route)
      <-- KSTREAM-LEFTJOIN-0000000003

  Sub-topology: 2
    Source: KSTREAM-SOURCE-0000000005 (topics: [a, b])
      --> KSTREAM-SINK-0000000006
    Sink: KSTREAM-SINK-0000000006 (topic: copies)
      <-- KSTREAM-SOURCE-0000000005

`)
})

test('is data as well as text', () => {
  const store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore('s'), Serdes.bytes(), Serdes.bytes())
  const topology = new Topology()
    .addSource('in', 'topic')
    .addProcessor('p', () => ({ process: () => {} }), 'in')
    .addStateStore(store, 'p')
    .addSink('out', 'target', 'p')
  expect(topology.describe().subtopologies).toEqual([
    {
      id: 0,
      nodes: [
        { kind: 'source', name: 'in', topics: ['topic'], pattern: undefined, successors: ['p'] },
        { kind: 'processor', name: 'p', stores: ['s'], predecessors: ['in'], successors: ['out'] },
        { kind: 'sink', name: 'out', topic: 'target', extractorName: undefined, predecessors: ['p'] },
      ],
    },
  ])
})
