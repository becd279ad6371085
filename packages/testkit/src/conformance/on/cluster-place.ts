import { Admin, Cluster } from '@millrace/kafka-client'
import { nativeClientSupplier } from '@millrace/streams-core/native'
import type { Place } from './place.ts'

/** Brokers that speak Kafka's protocol. Topics and groups of a case are deleted after it. */
export function clusterPlace(bootstrapServers: string): Place {
  const cluster = new Cluster({ bootstrap: bootstrapServers, clientId: 'conformance' })
  const admin = new Admin(cluster)
  const deleteTopics = async (isOurs: (name: string) => boolean): Promise<void> => {
    for (const { name, isInternal } of await admin.listTopics()) {
      if (!isInternal && isOurs(name)) await admin.deleteTopic(name)
    }
  }
  return {
    async open() {
      return {
        clients: nativeClientSupplier({ bootstrapServers, lingerMs: 0, heartbeatIntervalMs: 200 }),
        close: (topics) => deleteTopics((name) => topics.includes(name) || name.startsWith('conformance-')),
      }
    },
    close: () => cluster.close(),
  }
}
