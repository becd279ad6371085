import type { ClientErrorKind } from './client-error.ts'

/** What the runtime does about Kafka's errors, by name; those that are not here are fatal unless Kafka calls them retriable. */
export const errorKinds: { readonly [code: string]: ClientErrorKind } = {
  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',
  UNKNOWN_PRODUCER_ID: 'fenced',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'fenced',
  ILLEGAL_GENERATION: 'fenced',
  UNKNOWN_MEMBER_ID: 'fenced',
  FENCED_INSTANCE_ID: 'fenced',
  INVALID_TXN_STATE: 'abortable',
  TRANSACTION_ABORTABLE: 'abortable',
  CONCURRENT_TRANSACTIONS: 'retriable',
  UNSTABLE_OFFSET_COMMIT: 'retriable',
  REBALANCE_IN_PROGRESS: 'retriable',
  COORDINATOR_LOAD_IN_PROGRESS: 'retriable',
}
