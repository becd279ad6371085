import { clientSettings } from './client-settings.ts'
import type { KafkaClientSupplier } from './clients/client-supplier.ts'
import { StreamsConfigError } from './errors.ts'
import type { StreamsConfig } from './streams-config.ts'

/** Refuses what the clients of an application cannot do. @throws StreamsConfigError */
export function requireCapabilities(config: StreamsConfig, { supports }: KafkaClientSupplier): void {
  const { processingGuarantee, numStandbyReplicas, properties } = config
  if (processingGuarantee === 'exactly_once_v2' && !supports.transactions) {
    throw new StreamsConfigError(
      'processing.guarantee',
      'These clients cannot run transactions. Set processing.guarantee to at_least_once, or use other clients.',
    )
  }
  if (numStandbyReplicas > 0 && !supports.standbyTasks) {
    throw new StreamsConfigError(
      'num.standby.replicas',
      'Members with these clients do not hear of standby tasks. Set num.standby.replicas to 0, or use other clients.',
    )
  }
  if (clientSettings(properties, 'main.consumer')['group.instance.id'] !== undefined && !supports.staticMembership) {
    throw new StreamsConfigError(
      'group.instance.id',
      'These clients cannot be static members of a group. Leave group.instance.id out, or use other clients.',
    )
  }
}
