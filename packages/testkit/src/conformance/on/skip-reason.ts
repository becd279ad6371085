import type { CaseFile } from '../case-file.ts'

/** Why a case cannot be compared with a running application; undefined: it can. */
export function skipReason({ config = {}, input, topology, expected }: CaseFile): string | undefined {
  if (config['statestore.cache.max.bytes'] !== 0)
    return 'the record cache is on: how many updates come out depends on commits'
  if (input.some((step) => 'advanceWallClock' in step)) return 'the wall clock is moved'
  const text = JSON.stringify([config, topology, expected.outputs])
  if (/"wallClock/.test(text)) return 'the wall clock is read'
  const topics = new Set(topology.flatMap(({ topic, topics: several = [] }) => [topic, ...several]))
  const hasPattern = topology.some(({ pattern }) => pattern !== undefined)
  if (!hasPattern && input.some((step) => 'topic' in step && !topics.has(step.topic))) {
    return 'an input goes to a topic that nobody reads, which only the driver refuses'
  }
  return undefined
}
