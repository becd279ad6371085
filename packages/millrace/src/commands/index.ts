import type { Command } from './command.ts'

interface CommandEntry {
  /** One line for `millrace --help`. */
  readonly summary: string
  /** Loads what only this command needs. */
  load(): Promise<Command>
}

/** The commands by name. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  broker: {
    summary: 'run a log that speaks Kafka’s protocol',
    load: async () => (await import('./broker.ts')).brokerCommand,
  },
  topics: {
    summary: 'list, describe, create, change and delete topics',
    load: async () => (await import('./topics.ts')).topicsCommand,
  },
  produce: {
    summary: 'write lines of standard input to a topic',
    load: async () => (await import('./produce.ts')).produceCommand,
  },
  consume: {
    summary: 'print records of topics',
    load: async () => (await import('./consume.ts')).consumeCommand,
  },
  groups: {
    summary: 'list, describe, reset and delete groups',
    load: async () => (await import('./groups.ts')).groupsCommand,
  },
  configs: {
    summary: 'show and change configs of topics and brokers',
    load: async () => (await import('./configs.ts')).configsCommand,
  },
  transactions: {
    summary: 'show transactions and producers',
    load: async () => (await import('./transactions.ts')).transactionsCommand,
  },
  'avro-types': {
    summary: 'write TypeScript types for Avro schemas',
    load: async () => (await import('./avro-types.ts')).avroTypesCommand,
  },
  'dump-log': {
    summary: 'print what a file of the log holds',
    load: async () => (await import('./dump-log.ts')).dumpLogCommand,
  },
  plan: {
    summary: 'show what starting an application would do to its stores and topics',
    load: async () => (await import('./plan.ts')).planCommand,
  },
  reset: {
    summary: 'take an application back to its beginning',
    load: async () => (await import('./reset.ts')).resetCommand,
  },
}
