import { Serdes, topic } from '@millrace/serdes'
import {
  type FixedKeyProcessor,
  type KeyValueStore,
  type KStream,
  type KTable,
  type Processor,
  type ProcessorContext,
  type Record,
  Stores,
  StreamsBuilder,
  Topology,
} from '@millrace/streams-core'
import { describe, expectTypeOf, test } from 'vitest'

const lines = topic('lines', { key: Serdes.string(), value: Serdes.string() })
const stream = new StreamsBuilder().stream(lines)

class Lengths implements Processor<string, string, number, boolean> {
  #context!: ProcessorContext<number, boolean>

  init(context: ProcessorContext<number, boolean>): void {
    this.#context = context
  }

  process(record: Record<string, string>): void {
    this.#context.forward(record.withKey(record.value.length).withValue(true))
    // @ts-expect-error the processor forwards numbers and booleans
    this.#context.forward(record)
  }
}

describe('processors', () => {
  test('give their types to the stream below', () => {
    expectTypeOf(stream.process(() => new Lengths())).toEqualTypeOf<KStream<number, boolean>>()
    // @ts-expect-error the stream has no numbers
    stream.mapValues((line) => line.length).process(() => new Lengths())
  })

  test('that keep keys cannot change them', () => {
    const upper = (): FixedKeyProcessor<string, string, number> => ({
      process(record) {
        record.withValue(1)
        // @ts-expect-error the key is fixed
        record.withKey('x')
      },
    })
    expectTypeOf(stream.processValues(upper)).toEqualTypeOf<KStream<string, number>>()
  })

  test('transform the values of a table', () => {
    const table = new StreamsBuilder().table(lines)
    const sizes = table.transformValues(() => ({ transform: (line) => line?.length ?? null }), { storeName: 'sizes' })
    expectTypeOf(sizes).toEqualTypeOf<KTable<string, number>>()
  })
})

describe('stores', () => {
  test('have the types of their serdes', () => {
    const builder = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore('s'), Serdes.string(), Serdes.int64())
    expectTypeOf(builder.build()).toEqualTypeOf<KeyValueStore<string, number>>()
  })
})

describe('a topology by hand', () => {
  test('takes declared topics and processors', () => {
    const topology = new Topology()
      .addSource('in', lines)
      .addProcessor('lengths', () => new Lengths(), 'in')
      .addSink('out', 'lengths', 'lengths', { keySerde: Serdes.int32(), valueSerde: Serdes.boolean() })
    expectTypeOf(topology).toEqualTypeOf<Topology>()
  })
})
