import { createHash } from 'node:crypto'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerGroupRecord } from './consumer-group-records.ts'
import { linearPattern } from './linear-pattern.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** A number that differs when a topic comes, goes, is made anew or gets more partitions; 0 for no topics. */
export function metadataHash(names: Iterable<string>, topics: TopicCatalog): bigint {
  const known = [...names].sort().flatMap((name) => topics.get(name) ?? [])
  if (known.length === 0) return 0n
  const text = known.map(({ name, topicId, partitions }) => `${name}:${topicId}:${partitions}`).join(' ')
  return createHash('sha256').update(text).digest().readBigInt64BE()
}

/**
 * What has to be put on record for the topics that the members' expressions find; empty when nothing has changed.
 * @throws INVALID_REGULAR_EXPRESSION
 */
export function resolveExpressions(
  group: ConsumerGroup,
  topics: TopicCatalog,
  allowsTopic: (name: string) => boolean,
  timestamp: number,
): ConsumerGroupRecord[] {
  const { groupId } = group
  const wanted = new Set([...group.members.values()].flatMap(({ topicRegex }) => topicRegex ?? []))
  const records: ConsumerGroupRecord[] = []
  for (const expression of group.expressions.keys()) {
    if (!wanted.has(expression)) records.push({ kind: 'expression', groupId, expression, value: null })
  }
  for (const expression of wanted) {
    const matches = linearPattern(groupId, expression)
    const names = topics.list().filter(({ name, isInternal }) => !isInternal && matches(name) && allowsTopic(name))
    const topicNames = names.map(({ name }) => name)
    const before = group.expressions.get(expression)?.topicNames
    if (before !== undefined && before.join(' ') === topicNames.join(' ')) continue
    records.push({ kind: 'expression', groupId, expression, value: { topicNames, timestamp } })
  }
  return records
}
