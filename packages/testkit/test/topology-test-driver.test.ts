import { Serdes } from '@millrace/serdes'
import type { ProcessorTopology, TopologyPlan } from '@millrace/streams-core/internal'
import { describe, expect, test } from 'vitest'
import { TopologyTestDriver } from '../src/index.ts'

function planOf(nodes: ProcessorTopology['nodes']): { plan(applicationId: string): TopologyPlan } {
  const whole: ProcessorTopology = {
    subtopologyId: 0,
    nodes,
    stores: [],
    globalStoreNames: [],
    changelogTopics: new Map(),
    repartitionSourceTopics: new Set(),
  }
  return { plan: (applicationId) => ({ applicationId, subtopologies: [], whole, global: undefined }) }
}

const string = Serdes.string() as never

describe('TopologyTestDriver', () => {
  const upper = planOf([
    {
      kind: 'source',
      name: 'source',
      topics: ['in'],
      pattern: undefined,
      keySerde: string,
      valueSerde: string,
      timestampExtractor: undefined,
      children: ['upper'],
    },
    {
      kind: 'processor',
      name: 'upper',
      supplier: () => {
        let context: { forward(record: unknown): void } | undefined
        return {
          init: (given) => {
            context = given as never
          },
          process: (record) => context!.forward(record.withValue((record.value as string).toUpperCase())),
        }
      },
      storeNames: [],
      children: ['sink'],
    },
    {
      kind: 'sink',
      name: 'sink',
      topic: 'out',
      keySerde: string,
      valueSerde: string,
      partitioner: undefined,
      children: [],
    },
  ])

  test('hands a record through source, processor and sink before pipeInput returns', () => {
    const driver = new TopologyTestDriver(upper)
    driver.createInputTopic('in').pipeInput('k', 'v', 5)
    const record = driver.createOutputTopic('out').readRecord()
    expect([record.key, record.value, record.timestamp]).toEqual(['k', 'V', 5])
    expect(driver.producedTopicNames()).toEqual(['out'])
    driver.close()
  })

  test('refuses a topic that the topology does not read', () => {
    const driver = new TopologyTestDriver(upper)
    expect(() => driver.createInputTopic('other', { valueSerde: Serdes.string() }).pipeInput('v')).toThrow(
      "Unknown topic 'other'",
    )
  })
})
