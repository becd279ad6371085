import { Serdes } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { type ProcessorSupplier, Stores, Topology, TopologyError } from '../../src/index.ts'

const idle: ProcessorSupplier<Uint8Array, Uint8Array, never, never> = () => ({ process: () => {} })
const store = (name: string) =>
  Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.bytes(), Serdes.bytes())
const started = () => new Topology().addSource('in', 'topic').addProcessor('p', idle, 'in')

describe('refuses, naming the node', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['a name used twice', () => started().addProcessor('p', idle, 'in'), /processor named 'p' has already been added/],
    [
      'an unknown parent',
      () => started().addProcessor('q', idle, 'x'),
      /'q' names 'x' as its parent: there is no such/,
    ],
    ['a node as its own parent', () => started().addProcessor('q', idle, 'q'), /it cannot be its own parent/],
    ['no parents', () => started().addProcessor('q', idle, []), /'q' has no parents/],
    [
      'a sink as parent',
      () => started().addSink('out', 'o', 'p').addProcessor('q', idle, 'out'),
      /'out' as its parent, which is a sink/,
    ],
    ['a source without topics', () => new Topology().addSource('in', []), /Source 'in' has no topics/],
    ['a topic read twice', () => started().addSource('again', 'topic'), /'topic', which source 'in' already reads/],
    [
      'a topic below a pattern',
      () => new Topology().addSource('all', /t.*/).addSource('in', 'topic'),
      /matches pattern t/,
    ],
    ['a pattern above a topic', () => started().addSource('all', /t.*/), /pattern t\.\* matches topic 'topic'/],
    ['an unknown store', () => started().connectProcessorAndStateStores('p', 's'), /'s', which has not been added/],
    ['no stores', () => started().connectProcessorAndStateStores('p', []), /No stores were named/],
    [
      'a store at a source',
      () => started().addStateStore(store('s'), 'in'),
      /'s' cannot be connected to 'in': it is a source/,
    ],
    [
      'two stores of one name',
      () => started().addStateStore(store('s'), 'p').addStateStore(store('s')),
      /A different store named 's'/,
    ],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(TopologyError)
    expect(make).toThrow(message)
  })

  test('a global store that a processor names, or whose name is taken', () => {
    const from = { sourceName: 'g-in', topic: 'g', processorName: 'g-p', supplier: idle }
    const topology = started().addGlobalStore(store('g'), from)
    expect(() => topology.connectProcessorAndStateStores('p', 'g')).toThrow(/Every processor may use global stores/)
    expect(() => topology.addStateStore(store('g'))).toThrow(/global store named 'g'/)
    expect(() => topology.addSource('again', 'g')).toThrow(/'g', which source 'g-in' already reads/)
    expect(() => started().addGlobalStore(store('g'), { ...from, processorName: 'g-in' })).toThrow(/'g-in'/)
  })
})

test('stores that a supplier brings are added and connected', () => {
  const supplier = Object.assign(() => ({ process: () => {} }), { stores: [store('s')] })
  const topology = new Topology().addSource('in', 'topic').addProcessor('p', supplier, 'in')
  expect(topology.describe().subtopologies[0]!.nodes[1]).toMatchObject({ name: 'p', stores: ['s'] })
})

test('processors that share a store run in one subtopology', () => {
  const topology = started().addSource('in2', 'topic2').addProcessor('p2', idle, 'in2')
  expect(topology.describe().subtopologies).toHaveLength(2)
  topology.addStateStore(store('s'), ['p', 'p2'])
  expect(topology.describe().subtopologies).toHaveLength(1)
})

test('the wrapper sees every processor, and the stores are what it leaves', () => {
  const seen: string[] = []
  const topology = new Topology({
    'processor.wrapper.class': {
      wrapProcessorSupplier<KIn, VIn, KOut, VOut>(name: string, supplier: ProcessorSupplier<KIn, VIn, KOut, VOut>) {
        seen.push(name)
        return Object.assign(() => supplier(), { stores: [store(`${name}-store`)] })
      },
      wrapFixedKeyProcessorSupplier: (_name: string, supplier: unknown) => supplier,
    },
  })
  topology.addSource('in', 'topic').addProcessor('p', idle, 'in')
  expect(seen).toEqual(['p'])
  expect(topology.describe().toString()).toContain('Processor: p (stores: [p-store])')
})
