import { BrokerConfigError } from './broker-error.ts'

const migrationPolicies = ['bidirectional', 'upgrade', 'downgrade', 'disabled'] as const

/** What a broker config is called, means and takes. */
interface ConfigDefinition {
  readonly type: 'boolean' | 'int' | 'long' | 'string'
  readonly defaultValue: string
  readonly minimum?: number
  /** What a string may be. */
  readonly choices?: readonly string[]
  readonly documentation: string
}

/**
 * The broker configs that have an effect, by Kafka's names, with Kafka's defaults unless the text says otherwise.
 * @see org.apache.kafka.server.config.AbstractKafkaConfig
 */
export const brokerConfigs = {
  'auto.create.topics.enable': {
    type: 'boolean',
    defaultValue: 'true',
    documentation: 'Whether a request for the metadata of a missing topic creates it.',
  },
  'connections.max.idle.ms': {
    type: 'long',
    defaultValue: '600000',
    minimum: 1000,
    documentation: 'A connection on which nothing moves for so long is closed.',
  },
  'delete.topic.enable': { type: 'boolean', defaultValue: 'true', documentation: 'Whether topics may be deleted.' },
  'fetch.max.bytes': {
    type: 'int',
    defaultValue: '57671680',
    minimum: 1024,
    documentation: 'The most that one answer to a fetch holds, unless its first batch alone is larger.',
  },
  'group.consumer.heartbeat.interval.ms': {
    type: 'int',
    defaultValue: '5000',
    minimum: 1,
    documentation: 'How often members of consumer groups (KIP-848) ask, and so how soon they learn of changes.',
  },
  'group.consumer.max.size': {
    type: 'int',
    defaultValue: '2147483647',
    minimum: 1,
    documentation: 'The most members of a consumer group (KIP-848).',
  },
  'group.consumer.migration.policy': {
    type: 'string',
    defaultValue: 'bidirectional',
    choices: migrationPolicies,
    documentation:
      'Which groups may change between the classic protocol and KIP-848 while they have members: `upgrade` to it, `downgrade` from it, `bidirectional`, `disabled`.',
  },
  'group.consumer.session.timeout.ms': {
    type: 'int',
    defaultValue: '45000',
    minimum: 1,
    documentation: 'After so long a silent member of a consumer group (KIP-848) is taken out.',
  },
  'group.initial.rebalance.delay.ms': {
    type: 'int',
    defaultValue: '0',
    documentation: 'How long the first rebalance of an empty group waits for more members. Kafka’s default is 3000.',
  },
  'group.max.session.timeout.ms': {
    type: 'int',
    defaultValue: '1800000',
    minimum: 1,
    documentation: 'The longest session time-out that a member may ask for.',
  },
  'group.max.size': {
    type: 'int',
    defaultValue: '2147483647',
    minimum: 1,
    documentation: 'The most members of a group.',
  },
  'group.min.session.timeout.ms': {
    type: 'int',
    defaultValue: '6000',
    minimum: 1,
    documentation: 'The shortest session time-out that a member may ask for.',
  },
  'max.incremental.fetch.session.cache.slots': {
    type: 'int',
    defaultValue: '1000',
    minimum: 0,
    documentation: 'How many fetch sessions are remembered.',
  },
  'max.partitions': {
    type: 'int',
    defaultValue: '4000',
    minimum: 1,
    documentation: 'The most partitions that clients may create, over all topics. Not one of Kafka’s configs.',
  },
  'num.partitions': {
    type: 'int',
    defaultValue: '1',
    minimum: 1,
    documentation: 'Partitions of a topic which is created without a number of its own.',
  },
  'offsets.retention.minutes': {
    type: 'int',
    defaultValue: '10080',
    minimum: 1,
    documentation: 'How long committed offsets live after their group has become empty.',
  },
  'queued.max.request.bytes': {
    type: 'long',
    defaultValue: '268435456',
    minimum: 1048576,
    documentation:
      'Bytes of requests that have arrived and were not handled yet, over all connections, above which the broker stops reading. Kafka’s default is without limit.',
  },
  'sasl.server.max.receive.size': {
    type: 'int',
    defaultValue: '524288',
    minimum: 1024,
    documentation: 'The largest frame from a client that has not authenticated yet.',
  },
  'socket.request.max.bytes': {
    type: 'int',
    defaultValue: '104857600',
    minimum: 1024,
    documentation: 'The largest request; the connection that announces a larger one is closed.',
  },
} as const satisfies Record<string, ConfigDefinition>

/** The name of a broker config. */
export type BrokerConfigName = keyof typeof brokerConfigs

/** The configs of one broker: what was set, else the default. */
export class BrokerConfig {
  readonly #set: ReadonlyMap<string, string>

  /** @throws BrokerConfigError naming the config, its value and what is accepted */
  constructor(configs: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(configs)) check(name, value)
    this.#set = new Map(Object.entries(configs))
  }

  isSet(name: BrokerConfigName): boolean {
    return this.#set.has(name)
  }

  text(name: BrokerConfigName): string {
    return this.#set.get(name) ?? brokerConfigs[name].defaultValue
  }

  number(name: BrokerConfigName): number {
    return Number(this.text(name))
  }

  get migrationPolicy(): (typeof migrationPolicies)[number] {
    return this.text('group.consumer.migration.policy') as (typeof migrationPolicies)[number]
  }

  boolean(name: BrokerConfigName): boolean {
    return this.text(name) === 'true'
  }
}

function check(name: string, value: string): void {
  const definition: ConfigDefinition | undefined = (brokerConfigs as Record<string, ConfigDefinition>)[name]
  if (definition === undefined) {
    const known = Object.keys(brokerConfigs).join(', ')
    throw new BrokerConfigError(`There is no broker config '${name}'. Known are: ${known}.`)
  }
  const wanted = wantedOf(definition)
  if (wanted.accepts(value)) return
  throw new BrokerConfigError(`Broker config ${name} is '${value}', but must be ${wanted.text}.`)
}

function wantedOf({ type, minimum = 0, choices = [] }: ConfigDefinition): {
  text: string
  accepts(value: string): boolean
} {
  if (type === 'boolean') return { text: 'true or false', accepts: (value) => value === 'true' || value === 'false' }
  if (type === 'string') return { text: choices.join(', '), accepts: (value) => choices.includes(value) }
  const maximum = type === 'int' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
  return {
    text: `a whole number from ${minimum} to ${maximum}`,
    accepts: (value) => /^\d+$/.test(value) && Number(value) >= minimum && Number(value) <= maximum,
  }
}
