import type { KafkaStreamsState } from '@millrace/streams-core'

/** Which worker of how many, counted from 1. */
export interface WorkerIdentity {
  readonly number: number
  readonly count: number
}

/** What a worker tells its pool. */
export type FromWorker =
  | { readonly kind: 'state'; readonly state: KafkaStreamsState }
  /** It needs the bundled log in that folder. */
  | { readonly kind: 'log'; readonly dir: string }
  /** What it would run, instead of running it. */
  | { readonly kind: 'plan'; readonly plan: unknown }
  | { readonly kind: 'failed'; readonly message: string }

/** What a pool tells its workers. */
export type ToWorker =
  | { readonly kind: 'stop' }
  /** Not sent: what a worker hears when the process of its pool is gone. */
  | { readonly kind: 'orphaned' }
  | { readonly kind: 'log'; readonly bootstrapServers: string }
  | { readonly kind: 'log'; readonly error: string }

/** Ours among the messages that an application may exchange with its parent itself. */
interface Envelope {
  readonly millrace: unknown
}

export function enveloped(message: FromWorker | ToWorker): Envelope {
  return { millrace: message }
}

/** Undefined: no message of ours. */
export function opened<Message extends FromWorker | ToWorker>(received: unknown): Message | undefined {
  if (typeof received !== 'object' || received === null || !('millrace' in received)) return undefined
  return received.millrace as Message
}

/** Where a worker process finds who it is. */
export const workerVariable = 'MILLRACE_WORKER'
