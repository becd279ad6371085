import type { LogEngine, Time } from '@millrace/log-engine'
import type { AclEntry, Authorizer, Operation, ResourceType } from './acl.ts'
import type { Authentication } from './authentication.ts'
import type { BrokerConfig } from './broker-config.ts'
import type { ConnectionMemory } from './connection-memory.ts'
import type { FetchSessions } from './fetch-sessions.ts'
import type { SaslMechanismName, User } from './sasl.ts'
import type { TopicIds } from './topic-ids.ts'

/** What all connections share. */
export interface BrokerState {
  readonly engine: LogEngine
  readonly config: BrokerConfig
  readonly authorizer: Authorizer
  /** The list that the authorizer reads; undefined: there is none. */
  readonly acls: readonly AclEntry[] | undefined
  readonly users: readonly User[]
  readonly saslMechanisms: readonly SaslMechanismName[]
  readonly topicIds: TopicIds
  readonly fetchSessions: FetchSessions
  /** 22 characters of URL-safe base64. */
  readonly clusterId: string
  readonly nodeId: number
  readonly memory: ConnectionMemory
  /** The engine's clock. */
  readonly time: Time
  /** One line for the one who runs the broker. */
  log(message: string): void
}

/** The connection on which a request came. */
export interface ClientConnection {
  /** Where clients of this listener reach the broker. */
  readonly host: string
  readonly port: number
  readonly remoteAddress: string
  /** The client's address in Kafka's form: `/127.0.0.1`. */
  readonly clientHost: string
  /** `User:name`; `User:ANONYMOUS` before or without authentication. */
  readonly principal: string
  readonly authentication: Authentication
  /** Aborts when the connection closes. */
  readonly signal: AbortSignal
  /** At least so many bytes for the answer to the present request; they are others' when it has been sent. */
  answerMemory(length: number): Uint8Array
  /** The answer to the present request is the last. */
  closeAfterAnswer(): void
}

/** What a handler knows of a request besides its content. */
export class RequestContext {
  readonly version: number
  readonly clientId: string | null
  readonly connection: ClientConnection
  readonly broker: BrokerState

  constructor(version: number, clientId: string | null, connection: ClientConnection, broker: BrokerState) {
    this.version = version
    this.clientId = clientId
    this.connection = connection
    this.broker = broker
  }

  get engine(): LogEngine {
    return this.broker.engine
  }

  /** Whether the connection's principal may do this. */
  allows(operation: Operation, type: ResourceType, name: string): boolean {
    return this.broker.authorizer.allows(this.connection.principal, operation, type, name)
  }
}
