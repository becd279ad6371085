import type { Broker, BrokerOptions } from '@millrace/broker'
import { type SchemaRegistryServer, startSchemaRegistry } from '@millrace/schema-registry'

/** The schema registry of `millrace broker --registry`: on the broker's host, for the broker's users. */
export function startRegistry(
  port: number,
  { engine }: Broker,
  { host = '127.0.0.1', users, onLog }: BrokerOptions,
): Promise<SchemaRegistryServer> {
  return startSchemaRegistry({ engine, host, port, ...(users && { users }), ...(onLog && { onLog }) })
}
