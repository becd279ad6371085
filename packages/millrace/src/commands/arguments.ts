import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Cluster, type ClusterOptions, type SaslOptions } from '@millrace/kafka-client'
import { UsageError } from './command.ts'

/** Options by name, as `parseArgs` takes them. */
export type OptionTable = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>>

/** What was on the command line. */
export interface Arguments {
  readonly words: readonly string[]
  /** The last value of an option. */
  text(name: string): string | undefined
  /** All values of an option. */
  texts(name: string): readonly string[]
  flag(name: string): boolean
  /** @throws UsageError unless the value is a whole number from `minimum` on */
  number(name: string, minimum?: number): number | undefined
}

/** Options that every command which speaks to a broker has. */
export const connectionOptions: OptionTable = {
  bootstrap: { type: 'string' },
  'client-config': { type: 'string' },
  json: { type: 'boolean' },
}

/** Their part of `--help`. */
export const connectionUsage = `  --bootstrap HOST:PORT[,…]  where the cluster is; default MILLRACE_BOOTSTRAP or 127.0.0.1:9092
  --client-config FILE       JSON: { "tls": true | { "ca": FILE, "cert": FILE, "key": FILE },
                             "sasl": { "mechanism": …, "username": …, "password": … } }
  --json                     print JSON`

/** @throws UsageError for an option that is not known or lacks its value */
export function parseArguments(args: readonly string[], options: OptionTable): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...options }, allowPositionals: true })
    const all = (name: string): readonly unknown[] => [values[name] ?? []].flat()
    const texts = (name: string): string[] => all(name).filter((value) => typeof value === 'string')
    return {
      words: positionals,
      text: (name) => texts(name).at(-1),
      texts,
      flag: (name) => all(name).includes(true),
      number: (name, minimum = 0) => numberOf(name, texts(name).at(-1), minimum),
    }
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.replace(/\. To specify.*$/s, '') : String(error))
  }
}

function numberOf(name: string, value: string | undefined, minimum: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isSafeInteger(number) && number >= minimum) return number
  throw new UsageError(`--${name} is '${value}', but must be a whole number from ${minimum} on`)
}

/** The cluster that the command line names; the caller closes it. */
export function clusterOf(args: Arguments): Cluster {
  const bootstrap = args.text('bootstrap') ?? process.env['MILLRACE_BOOTSTRAP'] ?? '127.0.0.1:9092'
  const file = args.text('client-config')
  const security = file === undefined ? {} : readClientConfig(file)
  return new Cluster({ clientId: 'millrace-cli', retryTimeoutMs: 3000, ...security, bootstrap })
}

/** Runs `work` with the cluster, and closes it whatever happens. */
export async function withCluster<T>(args: Arguments, work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = clusterOf(args)
  try {
    return await work(cluster)
  } finally {
    await cluster.close()
  }
}

function readClientConfig(file: string): Partial<Pick<ClusterOptions, 'tls' | 'sasl'>> {
  const { tls, sasl } = readJson(file) as { tls?: boolean | Record<string, string>; sasl?: SaslOptions }
  const material = typeof tls === 'object' ? mapValues(tls, (path) => readText(path)) : tls
  return { ...(material === undefined ? {} : { tls: material }), ...(sasl === undefined ? {} : { sasl }) }
}

function mapValues(record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}

/** @throws UsageError when the file cannot be read */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** @throws UsageError when the file cannot be read or is not a JSON object */
export function readJson(file: string): object {
  const text = readText(file)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  throw new UsageError(`${file} does not hold a JSON object`)
}

/** The only word, or a UsageError that says what it should be. */
export function oneWord(words: readonly string[], what: string): string {
  const [word, ...more] = words
  if (word !== undefined && more.length === 0) return word
  throw new UsageError(word === undefined ? `${what} is missing` : `one ${what} is wanted, not ${words.length}`)
}

/** `name=value` pairs. */
export function pairs(texts: readonly string[], what: string): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new UsageError(`${what} '${text}' is not NAME=VALUE`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
