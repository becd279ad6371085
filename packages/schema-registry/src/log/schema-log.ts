/** A record of the log: JSON texts; without a value it takes back what was written under its key. */
export interface SchemaLogRecord {
  readonly key: string
  readonly value: string | null
}

/**
 * Where the registry writes what happens, and reads it at start: one partition of a compacted topic. A registry is the only
 * writer of its log.
 */
export interface SchemaLog {
  /** All records, in order. Called once, first. */
  readAll(): Promise<readonly SchemaLogRecord[]>
  /** Resolves when the records are written for good, in their order. */
  append(records: readonly SchemaLogRecord[]): Promise<void>
  close(): Promise<void>
}

/** Configs of the topic. */
export const schemaTopicConfigs: Readonly<Record<string, string>> = { 'cleanup.policy': 'compact' }
