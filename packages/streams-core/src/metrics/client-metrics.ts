import type { Metrics } from '../metrics.ts'
import { recordingLevels } from './recording-level.ts'

/** The numbers that telemetry gives to an application's states. @see org.apache.kafka.streams.KafkaStreams.State */
const clientStates = ['CREATED', 'REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN', 'NOT_RUNNING', 'PENDING_ERROR', 'ERROR']

/** What an application tells about itself. */
export interface ClientFacts {
  readonly clientId: string
  readonly applicationId: string
  /** Names the instance over restarts. */
  readonly processId: string
  readonly state: () => string
  readonly topologyDescription: () => string
  readonly aliveStreamThreads: () => number
  readonly failedStreamThreads: () => number
}

/** The version of this library. It has no commit id of its own: `commit-id` says so. */
const version = '0.1.0'

/**
 * The figures of an application as a whole.
 * @see org.apache.kafka.streams.internals.metrics.ClientMetrics
 */
export function clientMetrics(metrics: Metrics, facts: ClientFacts): void {
  const tags = { 'client-id': facts.clientId }
  const scope = metrics.scope('stream-metrics', tags)
  scope.gauge('version', () => version)
  scope.gauge('commit-id', () => 'unknown')
  scope.gauge('application-id', () => facts.applicationId)
  scope.gauge('topology-description', facts.topologyDescription)
  scope.gauge('state', facts.state)
  scope.gauge('alive-stream-threads', facts.aliveStreamThreads)
  scope.gauge('failed-stream-threads', facts.failedStreamThreads)
  const process = { 'process-id': facts.processId }
  metrics
    .scope('stream-metrics', { ...process, 'application-id': facts.applicationId, ...tags })
    .gauge('client-state', () => clientStates.indexOf(facts.state()))
  metrics
    .scope('stream-metrics', { ...process, ...tags })
    .gauge('recording-level', () => recordingLevels.indexOf(metrics.recordingLevel))
}
