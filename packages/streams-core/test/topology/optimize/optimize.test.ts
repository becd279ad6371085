import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { JoinWindows, StreamsBuilder, type StreamsProperties, silentLogger } from '../../../src/index.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const keySerde = Serdes.string()

function build(make: (builder: StreamsBuilder) => void, properties: StreamsProperties = {}) {
  const builder = new StreamsBuilder({ logger: silentLogger, 'default.value.serde': Serdes.string() })
  make(builder)
  return builder.build(properties).plan('app')
}

function repartitionTopics(make: (builder: StreamsBuilder) => void, optimization: string) {
  return build(make, { 'topology.optimization': optimization }).subtopologies.flatMap((each) =>
    each.repartitionSourceTopics.map(({ name }) => name),
  )
}

describe('merge.repartition.topics', () => {
  const twoCounts = (builder: StreamsBuilder) => {
    const rekeyed = builder.stream(words).selectKey((word) => word)
    rekeyed.groupByKey({ keySerde }).count({ storeName: 'all' })
    rekeyed
      .filter((word) => word !== 'a')
      .groupByKey({ keySerde })
      .count({ storeName: 'some' })
  }

  test('makes one topic of those below one change of key', () => {
    expect(repartitionTopics(twoCounts, 'none')).toEqual(['app-all-repartition', 'app-some-repartition'])
    expect(repartitionTopics(twoCounts, 'all')).toEqual(['app-all-repartition'])
    expect(repartitionTopics(twoCounts, 'merge.repartition.topics')).toEqual(['app-all-repartition'])
    expect(repartitionTopics(twoCounts, 'reuse.ktable.source.topics')).toHaveLength(2)
  })

  test('not across a change of values', () => {
    const make = (builder: StreamsBuilder) => {
      const rekeyed = builder.stream(words).selectKey((word) => word)
      rekeyed.groupByKey({ keySerde }).count({ storeName: 'all' })
      rekeyed
        .mapValues((word) => word + word)
        .groupByKey({ keySerde })
        .count({ storeName: 'some' })
    }
    expect(repartitionTopics(make, 'all')).toEqual(['app-all-repartition', 'app-some-repartition'])
  })

  test('the builder can be built again, optimised or not', () => {
    const builder = new StreamsBuilder({ logger: silentLogger })
    twoCounts(builder)
    const plain = builder.build().describe().toString()
    const optimised = builder.build({ 'topology.optimization': 'all' }).describe().toString()
    expect(optimised).not.toBe(plain)
    expect(builder.build().describe().toString()).toBe(plain)
    expect(builder.build({ 'topology.optimization': 'all' }).describe().toString()).toBe(optimised)
  })
})

describe('single.store.self.join', () => {
  const selfJoin = (builder: StreamsBuilder) => {
    const stream = builder.stream(words)
    const windows = JoinWindows.ofTimeDifferenceWithNoGrace(10)
    stream.join(stream, (left, right) => left + right, windows, { name: 'j', storeName: 'j' }).to('out')
  }
  const stores = (optimization: string) =>
    build(selfJoin, { 'topology.optimization': optimization }).whole.stores.map(({ name }) => name)

  test('keeps the records of a stream that is joined with itself once', () => {
    expect(stores('none')).toEqual(['j-this-join-store', 'j-other-join-store'])
    expect(stores('single.store.self.join')).toEqual(['j-this-join-store'])
  })

  test('also where two streams of one topic are', () => {
    const make = (builder: StreamsBuilder) => {
      const windows = JoinWindows.ofTimeDifferenceWithNoGrace(10)
      builder
        .stream(words)
        .join(builder.stream(words), (left, right) => left + right, windows)
        .to('out')
    }
    expect(build(make, { 'topology.optimization': 'all' }).whole.stores).toHaveLength(1)
  })
})

describe('duplicate sources', () => {
  test('become one', () => {
    const plan = build((builder) => {
      builder.stream(words).to('a')
      builder.stream(words).to('b')
    })
    expect(plan.whole.nodes.map(({ name }) => name)).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'KSTREAM-SINK-0000000001',
      'KSTREAM-SINK-0000000003',
    ])
  })

  test('are refused when they overlap, or begin elsewhere', () => {
    const overlapping = (builder: StreamsBuilder) => {
      builder.stream(['a', 'b']).to('x')
      builder.stream(['b', 'c']).to('y')
    }
    expect(() => build(overlapping)).toThrow(/both read topic 'b', but not the same topics otherwise/)
    const policies = (builder: StreamsBuilder) => {
      builder.stream(words, { offsetResetPolicy: 'earliest' }).to('x')
      builder.stream(words, { offsetResetPolicy: 'latest' }).to('y')
    }
    expect(() => build(policies)).toThrow(/different offset reset policies/)
  })
})
