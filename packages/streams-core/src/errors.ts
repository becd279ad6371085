/**
 * The errors of the library, told apart by who acts. Callers branch on the class or on `code`, never on the text.
 *
 * | family | classes | who acts |
 * |---|---|---|
 * | you wrote it wrong | `TopologyError`, `StreamsConfigError`, `UnknownStateStoreError`, `InvalidStateStoreError`, … | the developer |
 * | the record is wrong | `DeserializationError`, `InvalidTimestampError`, `ProcessingError`, `ProductionError` | the exception handlers |
 * | the world changed | `TaskMigratedError`, `TaskCorruptedError`, `LockError`, `TimeoutError`, `ApplicationShutdownError` | the stream thread |
 * | we are wrong | `InvariantError` | nobody: a defect, to be reported |
 */
export abstract class StreamsError extends Error {
  abstract readonly code: string
  /** `<subtopology>_<partition>` of the task in which it happened. */
  readonly taskId: string | undefined

  constructor(message: string, options: { readonly cause?: unknown; readonly taskId?: string | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = new.target.name
    this.taskId = options.taskId
  }
}

/** Where in the input an error happened; fields are undefined where there is no input record (a punctuation). */
export interface RecordLocation {
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly offset: number | undefined
}

// ── You wrote it wrong ──────────────────────────────────────────────────────────────────────────────────────────────

/** The topology cannot be built. Who acts: the developer. @see org.apache.kafka.streams.errors.TopologyException */
export class TopologyError extends StreamsError {
  override readonly code = 'STREAMS_TOPOLOGY'
}

/** Another application, with other topics, runs under the same `application.id`. Who acts: whoever gives ids. */
export class TopologyMismatchError extends StreamsError {
  override readonly code = 'STREAMS_TOPOLOGY_MISMATCH'
}

/** A configuration value is missing or not allowed. Who acts: the developer. @see org.apache.kafka.common.config.ConfigException */
export class StreamsConfigError extends StreamsError {
  override readonly code = 'STREAMS_CONFIG'
  /** Kafka's dotted name of the setting. */
  readonly key: string

  constructor(key: string, message: string) {
    super(message)
    this.key = key
  }
}

/** There is no store of that name, or it is not connected to the processor. Who acts: the developer. @see org.apache.kafka.streams.errors.UnknownStateStoreException */
export class UnknownStateStoreError extends StreamsError {
  override readonly code = 'STREAMS_UNKNOWN_STATE_STORE'
  readonly storeName: string

  constructor(storeName: string, message: string, options: { readonly taskId?: string | undefined } = {}) {
    super(message, options)
    this.storeName = storeName
  }
}

/** A store is closed, is of another type, or cannot be used in this way. Who acts: the developer. @see org.apache.kafka.streams.errors.InvalidStateStoreException */
export class InvalidStateStoreError extends StreamsError {
  override readonly code: string = 'STREAMS_INVALID_STATE_STORE'
  readonly storeName: string

  constructor(
    storeName: string,
    message: string,
    options: { readonly cause?: unknown; readonly taskId?: string | undefined } = {},
  ) {
    super(message, options)
    this.storeName = storeName
  }
}

/** A store holds values that its serde cannot read. Who acts: the developer, by a version with upcasters, or a reset. */
export class StateSchemaError extends StreamsError {
  override readonly code = 'STREAMS_STATE_SCHEMA'
  readonly storeName: string
  /** One line for each place at which the schemas differ; empty where they are not known. */
  readonly differences: readonly string[]

  constructor(
    storeName: string,
    differences: readonly string[],
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.storeName = storeName
    this.differences = differences
  }
}

/** A call that the state of the application does not allow. Who acts: the developer. */
export class IllegalStateError extends StreamsError {
  override readonly code = 'STREAMS_ILLEGAL_STATE'
}

/** A source topic does not exist. Who acts: whoever makes topics. @see org.apache.kafka.streams.errors.MissingSourceTopicException */
export class MissingSourceTopicError extends StreamsError {
  override readonly code = 'STREAMS_MISSING_SOURCE_TOPIC'
  readonly topics: readonly string[]

  constructor(topics: readonly string[]) {
    super(
      `Source topic${topics.length === 1 ? '' : 's'} ${topics.map((topic) => `'${topic}'`).join(', ')} not found. Create what is missing before the application starts.`,
    )
    this.topics = topics
  }
}

/** An internal topic exists with other settings than the topology needs. Who acts: the developer. @see org.apache.kafka.streams.errors.MisconfiguredInternalTopicException */
export class MisconfiguredInternalTopicError extends StreamsError {
  override readonly code = 'STREAMS_MISCONFIGURED_INTERNAL_TOPIC'
  readonly topic: string

  constructor(topic: string, message: string) {
    super(message)
    this.topic = topic
  }
}

// ── The record is wrong ─────────────────────────────────────────────────────────────────────────────────────────────

/** The bytes of an input record are no key or value, and the deserialization handler said `fail`. Who acts: that handler. */
export class DeserializationError extends StreamsError implements RecordLocation {
  override readonly code = 'STREAMS_DESERIALIZATION'
  readonly topic: string
  readonly partition: number
  readonly offset: number

  constructor(
    location: { readonly topic: string; readonly partition: number; readonly offset: number },
    message: string,
    options: { readonly cause: unknown; readonly taskId: string },
  ) {
    super(message, options)
    this.topic = location.topic
    this.partition = location.partition
    this.offset = location.offset
  }
}

/** An input record has no usable timestamp, or the timestamp extractor threw. Who acts: the timestamp extractor. */
export class InvalidTimestampError extends StreamsError implements RecordLocation {
  override readonly code = 'STREAMS_INVALID_TIMESTAMP'
  readonly topic: string
  readonly partition: number
  readonly offset: number

  constructor(
    location: { readonly topic: string; readonly partition: number; readonly offset: number },
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.topic = location.topic
    this.partition = location.partition
    this.offset = location.offset
  }
}

/** User code threw while a record or a punctuation was processed, and the processing handler said `fail`. Who acts: that handler. */
export class ProcessingError extends StreamsError implements RecordLocation {
  override readonly code = 'STREAMS_PROCESSING'
  readonly processor: string
  readonly topic: string | undefined
  readonly partition: number | undefined
  readonly offset: number | undefined

  constructor(
    processor: string,
    location: RecordLocation,
    message: string,
    options: { readonly cause: unknown; readonly taskId: string },
  ) {
    super(message, options)
    this.processor = processor
    this.topic = location.topic
    this.partition = location.partition
    this.offset = location.offset
  }
}

/** A record could not be serialized or sent, and the production handler said `fail`. Who acts: that handler. */
export class ProductionError extends StreamsError {
  override readonly code = 'STREAMS_PRODUCTION'
  /** The topic it was meant for. */
  readonly topic: string

  constructor(topic: string, message: string, options: { readonly cause: unknown; readonly taskId: string }) {
    super(message, options)
    this.topic = topic
  }
}

// ── The world changed ───────────────────────────────────────────────────────────────────────────────────────────────

/** The task now belongs to another member, or its producer was fenced. Who acts: the stream thread closes its tasks dirty and rejoins. @see org.apache.kafka.streams.errors.TaskMigratedException */
export class TaskMigratedError extends StreamsError {
  override readonly code = 'STREAMS_TASK_MIGRATED'
}

/** What tasks hold in memory no longer agrees with what was committed. Who acts: the stream thread restores them. @see org.apache.kafka.streams.errors.TaskCorruptedException */
export class TaskCorruptedError extends StreamsError {
  override readonly code = 'STREAMS_TASK_CORRUPTED'
  readonly taskIds: readonly string[]

  constructor(taskIds: readonly string[], message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.taskIds = taskIds
  }
}

/** A state directory is in use. Who acts: the stream thread tries again; another process must end. @see org.apache.kafka.streams.errors.LockException */
export class LockError extends StreamsError {
  override readonly code = 'STREAMS_LOCKED'
  readonly path: string

  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** Something took longer than allowed. Who acts: the stream thread tries again until `task.timeout.ms`. @see org.apache.kafka.common.errors.TimeoutException */
export class TimeoutError extends StreamsError {
  override readonly code = 'STREAMS_TIMEOUT'
}

/** An instance of the application met an error and asked all of them to end (SHUTDOWN_APPLICATION). Who acts: whoever runs the application; the cause is in the log of that instance. */
export class ApplicationShutdownError extends StreamsError {
  override readonly code = 'STREAMS_APPLICATION_SHUTDOWN'

  constructor() {
    super(
      'Another instance of the application met an error and asked all instances to end. Its log has the cause; start them again when that is mended.',
    )
  }
}

// ── We are wrong ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A defect of the library. Who acts: nobody here; please report it. */
export class InvariantError extends StreamsError {
  override readonly code = 'STREAMS_INVARIANT'
}

/** Throws an {@link InvariantError} unless the claim holds. */
export function assert(claim: boolean, message: string): asserts claim {
  if (!claim) throw new InvariantError(message)
}

/** A text from elsewhere as a sentence of a message: with a full stop, unless it ends like a sentence. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
