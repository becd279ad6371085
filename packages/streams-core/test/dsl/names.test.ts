import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { JoinWindows, type KStream, StreamsBuilder, silentLogger } from '../../src/index.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const keySerde = Serdes.string()

function nodeNames(make: (builder: StreamsBuilder) => unknown): readonly string[] {
  const builder = new StreamsBuilder({ logger: silentLogger, 'default.value.serde': Serdes.string() })
  make(builder)
  return builder
    .build()
    .plan('app')
    .whole.nodes.map(({ name }) => name)
}

describe('generated names', () => {
  test('use up a number also where a name is given', () => {
    const chain = (name?: string) => (builder: StreamsBuilder) =>
      builder.stream(words).filter(Boolean, { name }).mapValues(String).to('out')
    expect(nodeNames(chain())).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'KSTREAM-FILTER-0000000001',
      'KSTREAM-MAPVALUES-0000000002',
      'KSTREAM-SINK-0000000003',
    ])
    expect(nodeNames(chain('mine'))).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'mine',
      'KSTREAM-MAPVALUES-0000000002',
      'KSTREAM-SINK-0000000003',
    ])
  })

  test('of a repartition: three numbers, seen only when the topic has no name', () => {
    const grouped = (name?: string) => (builder: StreamsBuilder) =>
      builder
        .stream(words)
        .groupBy((word) => word, { keySerde, name })
        .count()
    expect(nodeNames(grouped())).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'KSTREAM-KEY-SELECT-0000000001',
      'KSTREAM-FILTER-0000000005',
      'KSTREAM-SINK-0000000004',
      'KSTREAM-SOURCE-0000000006',
      'KSTREAM-AGGREGATE-0000000003',
    ])
    expect(nodeNames(grouped('by-word'))).toContain('by-word-repartition-filter')
  })

  test('a count that says something about its store uses one number more', () => {
    const count = (caching?: boolean) => (builder: StreamsBuilder) =>
      builder.stream(words).groupByKey().count({ caching })
    expect(nodeNames(count())).toContain('KSTREAM-AGGREGATE-0000000002')
    expect(nodeNames(count(false))).toContain('KSTREAM-AGGREGATE-0000000003')
  })

  test('of joins and foreign-key joins have suffixes of the given name', () => {
    const windows = JoinWindows.ofTimeDifferenceWithNoGrace(1)
    expect(
      nodeNames((builder) => {
        const stream = builder.stream(words)
        return stream.outerJoin(stream, (left) => left, windows, { name: 'j' })
      }),
    ).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'j-this-windowed',
      'j-other-windowed',
      'j-outer-this-join',
      'j-outer-other-join',
      'j-merge',
    ])
    expect(
      nodeNames((builder) => {
        const table = builder.table(words)
        return table.join(
          table,
          (word) => word,
          (left) => left,
          { name: 'fk' },
        )
      }),
    ).toContain('fk-subscription-response-resolver')
  })
})

describe('branches', () => {
  test('are named after the splitter, by name or number', () => {
    let names: readonly string[] = []
    let consumed: KStream<string, string> | undefined
    const all = nodeNames((builder) => {
      const branches = builder
        .stream(words)
        .split({ name: 'split-' })
        .branch((word) => word === 'a', { name: 'a' })
        .branch((word) => word === 'b')
        .branch(Boolean, { withFunction: (branch) => branch.filter(Boolean) })
        .branch(Boolean, { withFunction: () => null })
        .branch(Boolean, {
          withConsumer: (branch) => {
            consumed = branch
          },
        })
        .defaultBranch({ name: 'rest' })
      names = [...branches.keys()]
    })
    expect(names).toEqual(['split-a', 'split-2', 'split-3', 'split-rest'])
    expect(all).toEqual([
      'KSTREAM-SOURCE-0000000000',
      'split-',
      'split-a',
      'split-2',
      'split-3',
      'KSTREAM-FILTER-0000000005',
      'split-4',
      'split-5',
      'split-rest',
    ])
    expect(consumed).toBeDefined()
  })
})
