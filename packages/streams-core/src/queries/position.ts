import type { ActiveTask } from '../runtime/active-task.ts'
import type { QueryIsolation } from './local-stores.ts'

/**
 * How far a store has read its input: by topic and partition, the offset of the last record that went into it. Plain data, so
 * that it can travel as JSON: `{ clicks: { 0: 17 } }`. As a bound: what the answer must at least include. What a producer was
 * told when it sent a record, given as a bound, reads one's own writes.
 * @see org.apache.kafka.streams.query.Position, PositionBound
 */
export type Position = Readonly<{ [topic: string]: Readonly<{ [partition: number]: number }> }>

/** How far the stores of a task are, as a query of that isolation sees them. */
export function positionOf(active: ActiveTask, isolation: QueryIsolation): Position {
  const next = new Map(active.task.startOffsets)
  for (const [name, offset] of active.engine.lastCommit()?.inputOffsets ?? []) {
    next.set(name, Math.max(offset, next.get(name) ?? 0))
  }
  if (isolation === 'read_uncommitted') {
    for (const [{ topic, partition }, { offset }] of active.task.committableOffsets()) {
      next.set(`${topic}-${partition}`, offset)
    }
  }
  const position: { [topic: string]: { [partition: number]: number } } = {}
  for (const [name, offset] of next) {
    const at = name.lastIndexOf('-')
    if (offset <= 0) continue
    position[name.slice(0, at)] ??= {}
    position[name.slice(0, at)]![Number(name.slice(at + 1))] = offset - 1
  }
  return position
}

/** The further one of each component. */
export function mergePositions(positions: Iterable<Position>): Position {
  const merged: { [topic: string]: { [partition: number]: number } } = {}
  for (const position of positions) {
    for (const { topic, partition, offset } of components(position)) {
      merged[topic] ??= {}
      merged[topic][partition] = Math.max(merged[topic][partition] ?? -1, offset)
    }
  }
  return merged
}

/**
 * The first component of the bound that the position does not reach; undefined when it reaches all. Partitions of other tasks
 * do not count: `partition` is that of the task.
 */
export function firstBehind(position: Position, bound: Position, partition: number): string | undefined {
  for (const component of components(bound)) {
    if (component.partition !== partition) continue
    const reached = position[component.topic]?.[partition] ?? -1
    if (reached >= component.offset) continue
    return `${component.topic}-${partition} is at offset ${reached}, the bound is ${component.offset}`
  }
  return undefined
}

function* components(position: Position) {
  for (const [topic, partitions] of Object.entries(position)) {
    for (const [partition, offset] of Object.entries(partitions)) {
      yield { topic, partition: Number(partition), offset }
    }
  }
}
