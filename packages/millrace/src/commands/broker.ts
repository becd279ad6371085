import {
  type AclEntry,
  type Broker,
  type BrokerOptions,
  type ListenerOptions,
  type SaslMechanismName,
  startBroker,
  type User,
} from '@millrace/broker'
import { pairs, parseArguments, readJson, readText } from './arguments.ts'
import { type Command, type CommandIo, UsageError } from './command.ts'

export const brokerCommand: Command = {
  usage: `usage: millrace broker [--port N] [--host HOST] [--dir DIR | --memory] [--config FILE] [--set NAME=VALUE]…

  --port N           default 9092; 0: any that is free
  --host HOST        default 127.0.0.1; another one needs authentication (--config)
  --dir DIR          the data directory; default .millrace/broker
  --memory           keep nothing
  --registry [PORT]  a schema registry too; default 8081; it knows the users of --config
  --flush POLICY     what survives a loss of power: os, interval, or commit (default)
  --set NAME=VALUE   a broker config by Kafka's name, such as num.partitions=4
  --config FILE      JSON: { "configs": { NAME: VALUE }, "superUsers": ["User:…"],
                     "users": [{ "name", "password", "mechanisms": [default: all] }],
                     "saslMechanisms": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"],
                     "listeners": [{ "host", "port", "advertisedHost", "advertisedPort", "sasl": true,
                     "tls": { "key": FILE, "cert": FILE, "ca": FILE } }],
                     "acls": [{ "principal": "User:…", "resource": "topic", "name": "orders*", "operations": ["read"] }] }

Prints 'listening on HOST:PORT' when it is ready ('registry on URL' too, if there is one), and stops on SIGTERM or SIGINT.`,

  async run(args, io) {
    const { registryPort, ...options } = optionsOf(args, io)
    const broker = await startBroker(options)
    try {
      const registry = registryPort === undefined ? undefined : await startRegistry(registryPort, broker, options)
      for (const { advertisedHost, advertisedPort } of broker.listeners) {
        io.print(`listening on ${advertisedHost}:${advertisedPort}`)
      }
      if (registry !== undefined) io.print(`registry on ${registry.url}`)
      if (!io.stopped.aborted) {
        await new Promise<void>((resolve) => {
          io.stopped.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      await registry?.close()
    } finally {
      await broker.close()
    }
    return 0
  },
}

/** Loaded only when it is wanted, so that a broker alone starts fast. */
async function startRegistry(port: number, broker: Broker, options: BrokerOptions) {
  const registry = await import('./start-registry.ts')
  return registry.startRegistry(port, broker, options)
}

/** The configuration file. */
interface BrokerFile {
  readonly configs?: Readonly<Record<string, string | number | boolean>>
  readonly users?: readonly User[]
  readonly saslMechanisms?: readonly SaslMechanismName[]
  readonly superUsers?: readonly string[]
  readonly acls?: readonly AclEntry[]
  readonly listeners?: readonly ListenerOptions[]
  readonly dir?: string
}

function optionsOf(args: readonly string[], io: CommandIo): BrokerOptions & { readonly registryPort?: number } {
  const parsed = parseArguments(withRegistryPort(args), {
    port: { type: 'string' },
    host: { type: 'string' },
    dir: { type: 'string' },
    memory: { type: 'boolean' },
    registry: { type: 'string' },
    flush: { type: 'string' },
    config: { type: 'string' },
    set: { type: 'string', multiple: true },
  })
  if (parsed.words.length > 0) throw new UsageError(`unexpected '${parsed.words[0]}'`)
  const configFile = parsed.text('config')
  const file: BrokerFile = configFile === undefined ? {} : readJson(configFile)
  const memory = parsed.flag('memory')
  const dir = parsed.text('dir')
  if (memory && dir !== undefined) throw new UsageError('--dir and --memory exclude one another')
  const flush = parsed.text('flush')
  if (flush !== undefined && flush !== 'os' && flush !== 'interval' && flush !== 'commit') {
    throw new UsageError(`--flush is '${flush}', but must be os, interval or commit`)
  }
  const fileConfigs = Object.entries(file.configs ?? {}).map(([name, value]) => [name, String(value)])
  const listeners = file.listeners?.map(withFiles)
  const registryPort = parsed.number('registry')
  return {
    ...(memory ? { memory: true } : { dir: dir ?? file.dir ?? '.millrace/broker' }),
    ...(flush === undefined ? {} : { flush }),
    host: parsed.text('host') ?? '127.0.0.1',
    port: parsed.number('port') ?? 9092,
    configs: { ...Object.fromEntries(fileConfigs), ...pairs(parsed.texts('set'), '--set') },
    ...(listeners === undefined ? {} : { listeners }),
    ...(registryPort === undefined ? {} : { registryPort }),
    ...(file.users === undefined ? {} : { users: file.users }),
    ...(file.saslMechanisms === undefined ? {} : { saslMechanisms: file.saslMechanisms }),
    ...(file.acls === undefined ? {} : { acls: file.acls }),
    ...(file.superUsers === undefined ? {} : { superUsers: file.superUsers }),
    onLog: (message) => io.complain(message),
  }
}

/** `--registry` may stand without its port. */
function withRegistryPort(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => (arg === '--registry' && !/^\d/.test(args[i + 1] ?? '') ? [arg, '8081'] : [arg]))
}

/** The file names the PEM files; the broker takes their texts. */
function withFiles(listener: ListenerOptions): ListenerOptions {
  const { tls } = listener
  if (tls === undefined) return listener
  const { key, cert, ca } = tls
  return {
    ...listener,
    tls: { key: readText(key), cert: readText(cert), ...(ca === undefined ? {} : { ca: readText(ca) }) },
  }
}
