import type { TopicPartition } from '../clients/consumer.ts'
import { StreamsConfigError } from '../errors.ts'
import type { LocalStores } from './local-stores.ts'
import type { QueryHost } from './query-host.ts'

/** Where an instance answers queries, as its `application.server` says. @see org.apache.kafka.streams.state.HostInfo */
export interface HostInfo {
  readonly host: string
  readonly port: number
}

/** What one instance of the application has; plain data. @see org.apache.kafka.streams.StreamsMetadata */
export interface StreamsMetadata {
  /** Undefined: the instance has no `application.server`. */
  readonly hostInfo: HostInfo | undefined
  /** Global stores included, which every instance has. */
  readonly stateStoreNames: readonly string[]
  /** Partitions that its tasks read. */
  readonly topicPartitions: readonly TopicPartition[]
}

/** `host:port`, the host in brackets when it is an IPv6 address. @throws StreamsConfigError */
export function parseApplicationServer(value: string): HostInfo {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]/]+)):(\d+)$/.exec(value) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new StreamsConfigError(
      'application.server',
      `Setting 'application.server' is '${value}'; it must be host:port, for example 'worker-1:7070'.`,
    )
  }
  return { host, port: Number(port) }
}

/** This instance as it is now. */
export function localMetadata(host: QueryHost, stores: LocalStores): StreamsMetadata {
  const tasks = [...host.tasks()]
  const here = new Set(tasks.map(({ plan }) => plan.subtopology.topology.subtopologyId))
  return {
    hostInfo: host.applicationServer,
    stateStoreNames: [...stores.declared]
      .filter(([, { subtopologyId }]) => subtopologyId === undefined || here.has(subtopologyId))
      .map(([name]) => name),
    topicPartitions: tasks.flatMap(({ plan }) => plan.inputPartitions),
  }
}
