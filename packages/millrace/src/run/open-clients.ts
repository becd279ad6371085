import { type KafkaClientSupplier, StreamsConfigError, type StreamsProperties } from '@millrace/streams-core'

/** Clients with what stands behind them. */
export interface OpenClients {
  readonly clients: KafkaClientSupplier
  /** Closes the log, where it is in this process. */
  close(): Promise<void>
}

/**
 * The clients that `mode` and `bootstrap.servers` ask for:
 *
 * | mode | bootstrap.servers | clients |
 * |---|---|---|
 * | `test` | – | of a log in memory |
 * | `standalone` | – | of the bundled log under `log.dir`, in this process |
 * | `standalone`, `cluster` | given | of the brokers there, by Kafka's protocol |
 *
 * @throws StreamsConfigError for `cluster` without `bootstrap.servers`; EngineError when the log is in use
 */
export async function openClients(properties: StreamsProperties): Promise<OpenClients> {
  const given = properties['bootstrap.servers']
  const bootstrapServers = typeof given === 'string' ? given : (given ?? []).join(',')
  if (bootstrapServers !== '' && properties.mode !== 'test') {
    const { nativeClientSupplier } = await import('../native.ts')
    return { clients: nativeClientSupplier({ bootstrapServers }), close: async () => {} }
  }
  if (properties.mode === 'cluster') {
    throw new StreamsConfigError(
      'bootstrap.servers',
      "Setting 'bootstrap.servers' is missing; mode cluster needs host:port of at least one broker. Without brokers choose mode standalone.",
    )
  }
  const { embeddedClientSupplier, LogEngine, memoryFileSystem } = await import('../embedded.ts')
  const log =
    properties.mode === 'test'
      ? await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
      : await LogEngine.open({ dir: properties['log.dir'] ?? '.millrace/log' })
  return { clients: embeddedClientSupplier(log), close: () => log.close() }
}
