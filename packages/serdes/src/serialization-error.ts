/** Which half of a record a serde was working on. */
export type RecordComponent = 'key' | 'value'

/** What is known about a failed serialization. */
export interface SerializationFailure {
  readonly topic: string
  /** Undefined when the serde was called outside a record (it does not know which half it serves). */
  readonly component?: RecordComponent | undefined
  /** What failed and why, as a sentence without a full stop. */
  readonly what: string
  /** What the reader can do about it, as a sentence without a full stop. */
  readonly nextStep: string
  readonly cause?: unknown
}

/**
 * A value could not become bytes, or bytes could not become a value.
 * Who acts: the deserialization or production exception handler (`continue` or `fail`).
 * @see org.apache.kafka.common.errors.SerializationException
 */
export class SerializationError extends Error {
  override readonly name = 'SerializationError'
  readonly code = 'STREAMS_SERIALIZATION'
  readonly topic: string
  readonly component: RecordComponent | undefined
  readonly #failure: SerializationFailure

  constructor(failure: SerializationFailure) {
    const half = failure.component === undefined ? '' : ` (the record's ${failure.component})`
    super(`Topic '${failure.topic}'${half}: ${failure.what}. ${failure.nextStep}.`, { cause: failure.cause })
    this.topic = failure.topic
    this.component = failure.component
    this.#failure = failure
  }

  /** The same error, saying which half of the record it is about. */
  withComponent(component: RecordComponent): SerializationError {
    return new SerializationError({ ...this.#failure, component })
  }
}

/** A value as it appears in an error message: its JSON (or its type, if it has none), cut at 60 characters. */
export function preview(value: unknown): string {
  let text: string
  if (value instanceof Promise) text = 'a promise'
  else if (typeof value === 'bigint') text = `${value}n`
  else if (typeof value === 'number') text = String(value)
  else {
    try {
      text = JSON.stringify(value) ?? typeof value
    } catch {
      text = `a ${typeof value}`
    }
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** The error of a serde which was given a value of another type. */
export function wrongValue(topic: string, serde: string, value: unknown, wanted: string): SerializationError {
  return new SerializationError({
    topic,
    what: `serde ${serde} cannot serialize ${preview(value)}, which is not ${wanted}`,
    nextStep: nextStepFor(value),
  })
}

function nextStepFor(value: unknown): string {
  if (value === undefined) return 'A function gave nothing: let it return a value, or null for none'
  if (value instanceof Promise)
    return 'An async function gave it: use mapValuesAsync or its like, which wait for the result'
  return 'Give the topic the serde of the values that are written to it'
}

/** The error of a serde which was given bytes of another form. */
export function wrongBytes(topic: string, serde: string, what: string, cause?: unknown): SerializationError {
  return new SerializationError({
    topic,
    what: `serde ${serde} cannot deserialize ${what}`,
    nextStep: 'Read the topic with the serde it was written with, or set a deserialization exception handler',
    cause,
  })
}
