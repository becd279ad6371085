import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import {
  JoinWindows,
  type ProcessorSupplier,
  Stores,
  StreamsBuilder,
  type StreamsProperties,
  Suppressed,
  silentLogger,
  TimeWindows,
  TopologyError,
  UnlimitedWindows,
} from '../../src/index.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const other = topic('other', { key: Serdes.string(), value: Serdes.string() })
const idle: ProcessorSupplier<string, string, never, never> = () => ({ process: () => {} })
const versioned = (name: string) => Stores.persistentVersionedKeyValueStore(name, 100)
const duplicates = (name: string, retentionMs: number) =>
  Stores.inMemoryWindowStore(name, { retentionMs, windowSizeMs: 20, retainDuplicates: true })

const cases: { readonly [what: string]: readonly [(builder: StreamsBuilder) => unknown, RegExp] } = {
  'a name with a space': [(b) => b.stream(words, { name: 'a b' }), /'a b' has characters other than/],
  'an empty name': [(b) => b.stream(words, { name: '' }), /empty name/],
  'a name that is too long': [(b) => b.stream(words, { name: 'x'.repeat(250) }), /250 characters/],
  'a name used twice': [
    (b) => b.stream(words).filter(Boolean, { name: 'x' }).filter(Boolean, { name: 'x' }),
    /named 'x' has already been added/,
  ],
  'a topic as stream and table': [
    (b) => [b.stream(words), b.table(words)],
    /topic 'words', which source 'KSTREAM-SOURCE-0000000000' already reads/,
  ],
  'no topics': [(b) => b.stream([]), /has no topics/],
  'a store that was not added': [
    (b) => b.stream(words).process(idle, { stateStoreNames: ['s'] }),
    /'KSTREAM-PROCESSOR-0000000001' names store 's', which has not been added/,
  ],
  'a store name used twice': [
    (b) => {
      const grouped = b.stream(words).groupByKey()
      return [grouped.count({ storeName: 's' }), grouped.count({ storeName: 's' })]
    },
    /different store named 's'/,
  ],
  'a store type beside a supplier': [
    (b) =>
      b
        .stream(words)
        .groupByKey()
        .count({ storeSupplier: Stores.inMemoryKeyValueStore('s'), storeType: 'in_memory' }),
    /a supplier and a store type/,
  ],
  'a retention shorter than window and grace': [
    (b) =>
      b
        .stream(words)
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(10, 5))
        .count({ storeName: 'w', retentionMs: 12 }),
    /'w' has a retention of 12 ms.*need 15 ms/,
  ],
  'emission on close of windows that never close': [
    (b) => b.stream(words).groupByKey().windowedBy(UnlimitedWindows.of()).emitStrategy('onWindowClose'),
    /never close/,
  ],
  'a final suppression without windows': [
    (b) => b.table(words).suppress(Suppressed.untilWindowCloses() as Suppressed<unknown>),
    /root->KTABLE-SOURCE-0000000002/,
  ],
  'a suppression of a versioned table': [
    (b) => b.table(words, { storeSupplier: versioned('v') }).suppress(Suppressed.untilTimeLimit(1)),
    /follows a versioned table/,
  ],
  'a suppression below a versioned table': [
    (b) =>
      b
        .table(words, { storeSupplier: versioned('v') })
        .filter(Boolean)
        .suppress(Suppressed.untilTimeLimit(1)),
    /follows a versioned table/,
  ],
  'grace over a table without versions': [
    (b) => b.stream(words).join(b.table(other), (left) => left, { gracePeriodMs: 5 }),
    /is not versioned/,
  ],
  'grace over a history that is too short': [
    (b) =>
      b.stream(words).join(b.table(other, { storeSupplier: versioned('v') }), (left) => left, { gracePeriodMs: 101 }),
    /grace period of 101 ms, but the table's store 'v' keeps 100 ms/,
  ],
  'a negative grace': [
    (b) => b.stream(words).join(b.table(other), (left) => left, { gracePeriodMs: -1 }),
    /grace period of -1 ms/,
  ],
  'a repartition without partitions': [
    (b) => b.stream(words).repartition({ name: 'r', numberOfPartitions: 0 }),
    /'r' has 0 partitions/,
  ],
  'a versioned global table': [(b) => b.globalTable(words, { storeSupplier: versioned('v') }), /versioned store/],
  'a global table with settings but no name': [(b) => b.globalTable(words, { caching: false }), /storeName/],
  'joined repartitions of different width': [
    (b) => {
      const left = b.stream(words).repartition({ name: 'l', numberOfPartitions: 2 })
      const right = b.stream(other).repartition({ name: 'r', numberOfPartitions: 3 })
      return left.join(right, (x) => x, JoinWindows.ofTimeDifferenceWithNoGrace(1))
    },
    /'l-repartition' has 2, 'r-repartition' has 3/,
  ],
  'a join store that loses duplicates': [
    (b) =>
      b.stream(words).join(b.stream(other), (x) => x, JoinWindows.ofTimeDifferenceWithNoGrace(10), {
        thisStoreSupplier: Stores.inMemoryWindowStore('l', { retentionMs: 20, windowSizeMs: 20 }),
      }),
    /does not retain duplicates/,
  ],
  'a join store of another retention': [
    (b) =>
      b.stream(words).join(b.stream(other), (x) => x, JoinWindows.ofTimeDifferenceWithNoGrace(10), {
        thisStoreSupplier: duplicates('l', 30),
      }),
    /need 20 and 20 ms/,
  ],
  'two join stores of one name': [
    (b) =>
      b.stream(words).join(b.stream(other), (x) => x, JoinWindows.ofTimeDifferenceWithNoGrace(10), {
        thisStoreSupplier: duplicates('j', 20),
        otherStoreSupplier: duplicates('j', 20),
      }),
    /two stores named 'j'/,
  ],
  'a join with a stream of another builder': [
    (b) =>
      b.stream(words).join(new StreamsBuilder().stream(other), (x) => x, JoinWindows.ofTimeDifferenceWithNoGrace(10)),
    /two StreamsBuilders/,
  ],
  'no concurrency': [
    (b) => b.stream(words).mapValuesAsync(async (word) => word, { concurrency: 0, name: 'look-up' }),
    /'look-up' has concurrency 0/,
  ],
}

describe('a topology that cannot work is refused at build', () => {
  test.each(Object.entries(cases))('%s', (_what, [make, message]) => {
    const build = () => {
      const builder = new StreamsBuilder({ logger: silentLogger, 'default.value.serde': Serdes.string() })
      make(builder)
      builder.build()
    }
    expect(build).toThrow(TopologyError)
    expect(build).toThrow(message)
  })
})

describe('generated names', () => {
  const build = (properties: StreamsProperties) => {
    const builder = new StreamsBuilder(properties)
    builder
      .stream(words)
      .groupBy((word) => word, { keySerde: Serdes.string() })
      .count()
    return builder.build()
  }

  test('of topics and stores are warned of', () => {
    const warnings: string[] = []
    build({ logger: { ...silentLogger, warn: (text: string) => warnings.push(text) } })
    expect(warnings).toEqual([
      'Generated names: changelog topics KSTREAM-AGGREGATE-STATE-STORE-0000000002-changelog; stores KSTREAM-AGGREGATE-STATE-STORE-0000000002; repartition topics KSTREAM-AGGREGATE-STATE-STORE-0000000002-repartition. They change when the topology does, and what is stored under them is lost then. Name the operators (name) and their stores (storeName).',
    ])
  })

  test('can be forbidden', () => {
    expect(() => build({ 'ensure.explicit.internal.resource.naming': true })).toThrow(TopologyError)
  })
})
