import type { ErrorName } from '@millrace/kafka-protocol'

/** The broker cannot start as it was told to. Who acts: the one who configured it. */
export class BrokerConfigError extends Error {
  readonly code = 'BROKER_CONFIG'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'BrokerConfigError'
  }
}

/** A request is refused with one of Kafka's errors. Who acts: the client, which receives it. */
export class RequestError extends Error {
  readonly code: ErrorName

  constructor(code: ErrorName, message: string) {
    super(message)
    this.name = 'RequestError'
    this.code = code
  }
}
