import { existsSync } from 'node:fs'
import type { StreamsProperties, Topology } from '@millrace/streams-core'
import { type TopologyChange, topologyChanges } from '@millrace/streams-core/internal'
import { openClients } from '../run/open-clients.ts'

/** What starting an application would do to its stores and internal topics. Nothing is started, and nothing is changed. */
export async function planApplication(
  topology: Topology,
  properties: StreamsProperties,
): Promise<readonly TopologyChange[]> {
  if (!hasLog(properties)) return topologyChanges(topology, properties, undefined)
  const { clients, close } = await openClients(properties)
  const admin = clients.admin()
  try {
    return await topologyChanges(topology, properties, admin)
  } finally {
    await admin.close()
    await close()
  }
}

/** Looking must not make a log. */
function hasLog(properties: StreamsProperties): boolean {
  if (properties.mode === 'test') return false
  const isElsewhere = properties.mode === 'cluster' || properties['bootstrap.servers'] !== undefined
  return isElsewhere || existsSync(properties['log.dir'] ?? '.millrace/log')
}
