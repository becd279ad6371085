import { randomBytes } from 'node:crypto'
import { Admin, Cluster } from '@millrace/kafka-client'
import { nativeClientSupplier } from '@millrace/streams-core/native'
import type { Place } from './place.ts'

/** Brokers that speak Kafka's protocol. The topics of a case are deleted after it. */
export function clusterPlace(bootstrapServers: string): Place {
  const cluster = new Cluster({ bootstrap: bootstrapServers, clientId: 'conformance' })
  const admin = new Admin(cluster)
  const run = `conformance-${randomBytes(3).toString('hex')}-`
  const deleteTopics = async (named: readonly string[]): Promise<void> => {
    const ours = (await admin.listTopics()).filter(({ name }) => name.startsWith(run)).map(({ name }) => name)
    for (const name of new Set([...named, ...ours])) await deleteTopic(admin, name)
  }
  return {
    applicationId: (number) => `${run}${number}`,
    async open() {
      return {
        clients: nativeClientSupplier({ bootstrapServers, lingerMs: 0, heartbeatIntervalMs: 200 }),
        close: deleteTopics,
      }
    },
    async close() {
      await deleteTopics([])
      await cluster.close()
    },
  }
}

/** A broker may not know yet that it is deleted already. */
async function deleteTopic(admin: Admin, name: string): Promise<void> {
  try {
    await admin.deleteTopic(name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'UNKNOWN_TOPIC_OR_PARTITION')) throw error
  }
}
