import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { planPartitions } from '../../src/runtime/partition-plan.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { InternalTopicPlan, SubtopologyPlan, TopologyPlan } from '../../src/topology/processor-topology.ts'

function subtopology(
  id: number,
  parts: Partial<Omit<SubtopologyPlan, 'topology' | 'repartitionSourceTopics'>> & {
    readonly repartitionSources?: readonly InternalTopicPlan[]
  },
): SubtopologyPlan {
  return {
    topology: {
      subtopologyId: id,
      nodes: [],
      stores: [],
      globalStoreNames: [],
      changelogTopics: new Map(),
      repartitionSourceTopics: new Set(),
    },
    sourceTopics: [],
    sourcePatterns: [],
    repartitionSourceTopics: parts.repartitionSources ?? [],
    repartitionSinkTopics: [],
    changelogTopics: [],
    copartitionGroups: [],
    ...parts,
  }
}

function planOf(...subtopologies: SubtopologyPlan[]): TopologyPlan {
  const [{ topology: whole }] = subtopologies as [SubtopologyPlan]
  return { applicationId: 'app', subtopologies, whole, global: undefined }
}

const internal = (name: string, partitions?: number): InternalTopicPlan => ({ name, partitions, configs: {} })

describe('planPartitions', () => {
  test('the topics of a foreign-key join, which wait for one another, are as wide as the tables on their sides', () => {
    const builder = new StreamsBuilder()
    const texts = { key: Serdes.string(), value: Serdes.string() }
    const right = builder.table(topic('right', texts))
    builder.table(topic('left', texts)).join(
      right,
      (value) => value,
      (left, other) => left + other,
      { name: 'fk' },
    )
    const counts = new Map([
      ['left', 2],
      ['right', 3],
    ])
    const { internalTopics, tasks } = planPartitions(builder.build().plan('app', {}), counts)
    const widths = new Map(internalTopics.map(({ name, partitions }) => [name, partitions]))
    expect(widths.get('app-fk-subscription-registration-topic')).toBe(3)
    expect(widths.get('app-fk-subscription-response-topic')).toBe(2)
    expect(tasks).toHaveLength(5)
  })

  test('a task for each partition; a repartition topic is as wide as the widest source of what writes it', () => {
    const plan = planPartitions(
      planOf(
        subtopology(0, { sourceTopics: ['a', 'b'], repartitionSinkTopics: ['r'] }),
        subtopology(1, { sourceTopics: ['r'], repartitionSources: [internal('r')], changelogTopics: [internal('c')] }),
      ),
      new Map([
        ['a', 2],
        ['b', 3],
      ]),
    )
    expect(
      plan.tasks.map(({ id, inputPartitions }) => [id, inputPartitions.map((p) => `${p.topic}${p.partition}`)]),
    ).toEqual([
      ['0_0', ['a0', 'b0']],
      ['0_1', ['a1', 'b1']],
      ['0_2', ['b2']],
      ['1_0', ['r0']],
      ['1_1', ['r1']],
      ['1_2', ['r2']],
    ])
    expect(plan.internalTopics).toEqual([
      { name: 'r', partitions: 3, configs: {} },
      { name: 'c', partitions: 3, configs: {} },
    ])
  })

  test('a number that the user gave stands; the next repartition topic follows it', () => {
    const { internalTopics } = planPartitions(
      planOf(
        subtopology(0, { sourceTopics: ['a'], repartitionSinkTopics: ['r'] }),
        subtopology(1, {
          sourceTopics: ['r'],
          repartitionSources: [internal('r', 5)],
          repartitionSinkTopics: ['s'],
        }),
        subtopology(2, { sourceTopics: ['s'], repartitionSources: [internal('s')] }),
      ),
      new Map([['a', 2]]),
    )
    expect(internalTopics.map(({ name, partitions }) => [name, partitions])).toEqual([
      ['r', 5],
      ['s', 5],
    ])
  })

  test('a repartition topic takes the width of the topic it is joined with', () => {
    const { internalTopics } = planPartitions(
      planOf(
        subtopology(0, { sourceTopics: ['a'], repartitionSinkTopics: ['r'] }),
        subtopology(1, {
          sourceTopics: ['r', 'b'],
          repartitionSources: [internal('r')],
          copartitionGroups: [['r', 'b']],
        }),
      ),
      new Map([
        ['a', 2],
        ['b', 4],
      ]),
    )
    expect(internalTopics).toEqual([{ name: 'r', partitions: 4, configs: {} }])
  })

  test('joined topics of different widths are an error that names them', () => {
    const joined = planOf(subtopology(0, { sourceTopics: ['a', 'b'], copartitionGroups: [['a', 'b']] }))
    const counts = new Map([
      ['a', 2],
      ['b', 3],
    ])
    expect(() => planPartitions(joined, counts)).toThrow("'a' has 2, 'b' has 3")
  })

  test('a pattern selects whole names', () => {
    const { tasks } = planPartitions(
      planOf(subtopology(0, { sourcePatterns: [/in-\d+/] })),
      new Map([
        ['in-1', 1],
        ['in-2', 1],
        ['xin-3', 1],
      ]),
    )
    expect(tasks[0]!.inputPartitions.map(({ topic }) => topic)).toEqual(['in-1', 'in-2'])
  })

  test('missing sources are named', () => {
    expect(() => planPartitions(planOf(subtopology(0, { sourceTopics: ['a', 'b'] })), new Map([['a', 1]]))).toThrow(
      "Source topic 'b' not found",
    )
  })
})
