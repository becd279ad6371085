import type { LogEngine, TopicPartition } from '@millrace/log-engine'
import { RequestError } from './broker-error.ts'

/** The leader epoch of a partition: it rises when a recovery has cut records off. */
export function leaderEpochOf(engine: LogEngine, topicPartition: TopicPartition): number {
  return engine.listOffset(topicPartition, 'latest').leaderEpoch
}

/**
 * Compares the epoch that a client believes in; -1 compares nothing.
 * @throws RequestError FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH
 */
export function checkLeaderEpoch(engine: LogEngine, topicPartition: TopicPartition, believed: number): void {
  if (believed < 0) return
  const epoch = leaderEpochOf(engine, topicPartition)
  if (believed === epoch) return
  const text = `${topicPartition.topic}-${topicPartition.partition} is in leader epoch ${epoch}, not ${believed}.`
  throw new RequestError(believed < epoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH', text)
}
