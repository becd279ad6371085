import type { LogEngine } from '@millrace/log-engine'

/** One member of a group in this process. */
export interface Neighbour {
  /** Its id, once it has one. */
  readonly memberId: string
  /** Tells it to ask the coordinator whether its assignment holds. */
  heartbeatNow(): void
}

const groups = new WeakMap<LogEngine, Map<string, Set<Neighbour>>>()

/** The members of a group that are in this process: a rebalance need not wait for their next heartbeats. */
export function neighboursOf(engine: LogEngine, groupId: string): Set<Neighbour> {
  let byId = groups.get(engine)
  if (byId === undefined) {
    byId = new Map()
    groups.set(engine, byId)
  }
  let neighbours = byId.get(groupId)
  if (neighbours === undefined) {
    neighbours = new Set()
    byId.set(groupId, neighbours)
  }
  return neighbours
}
