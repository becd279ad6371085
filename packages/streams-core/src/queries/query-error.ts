import { InvalidStateStoreError } from '../errors.ts'

/** A store was asked for before `start`. Who acts: the developer. @see org.apache.kafka.streams.errors.StreamsNotStartedException */
export class StreamsNotStartedError extends InvalidStateStoreError {
  override readonly code = 'STREAMS_NOT_STARTED'
}

/**
 * The store exists, but not here and now: it is being restored, its tasks are with another instance, or the application has
 * ended. Who acts: the caller, by trying again or asking the instance that owns it.
 * @see org.apache.kafka.streams.errors.StateStoreNotAvailableException, StateStoreMigratedException
 */
export class StateStoreNotAvailableError extends InvalidStateStoreError {
  override readonly code = 'STREAMS_STATE_STORE_NOT_AVAILABLE'
}

/** The store has no such partition. Who acts: the developer. @see org.apache.kafka.streams.errors.InvalidStateStorePartitionException */
export class InvalidStateStorePartitionError extends InvalidStateStoreError {
  override readonly code = 'STREAMS_INVALID_STATE_STORE_PARTITION'
}
