import { type Command, type CommandIo, UsageError } from './command.ts'

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
  reset: {
    summary: 'take an application back to its beginning',
    load: async () => (await import('./reset.ts')).resetCommand,
  },
}

/**
 * Runs a command: exit code 0 done, 1 failed, 2 wrong usage; what went wrong is one line on standard error.
 * undefined when there is no such command.
 */
export async function runSubcommand(name: string, args: readonly string[], io: CommandIo): Promise<number | undefined> {
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (entry === undefined) return undefined
  const command = await entry.load()
  if (args.includes('--help') || args.includes('-h')) {
    io.print(command.usage)
    return 0
  }
  try {
    return await command.run(args, io)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    io.complain(`millrace ${name}: ${message.split('\n', 1)[0]}`)
    if (!(error instanceof UsageError)) return 1
    io.complain(`see millrace ${name} --help`)
    return 2
  }
}
