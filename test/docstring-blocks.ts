import { files } from './repository.ts'

/** An example in a docstring, made a program: with imports, and with what it takes for granted. */
export interface DocstringBlock {
  readonly file: string
  readonly line: number
  readonly program: string
}

/** What examples name without saying where it comes from. */
const givens: Readonly<Record<string, string>> = {
  CheckOrder: 'declare class CheckOrder { process(): void }',
  Flight: 'interface Flight { readonly number: string }',
  Order:
    'interface Order { readonly id: string; readonly customerId: string; readonly total: number; readonly amount: number; readonly currency: string }',
  OrderV1: "type OrderV1 = Omit<Order, 'currency'>",
  builder: 'declare const builder: StreamsBuilder',
  bytes: 'declare const bytes: Uint8Array',
  checked: 'declare const checked: StoreBuilder<StateStore>',
  Click: 'interface Click { readonly user: string }',
  clicks$: 'declare const clicks$: Observable<Click>',
  clients: 'declare const clients: KafkaClientSupplier',
  counts: 'declare const counts: KTable<Windowed<string>, number>',
  grouped: 'declare const grouped: KGroupedStream<string, Order>',
  key: 'declare const key: Serde<string>',
  lines: 'declare const lines: TopicDeclaration<string, string>',
  log: 'declare const log: LogEngine',
  orders: 'declare const orders: KStream<string, Order>',
  page: 'declare function page(...what: readonly unknown[]): void',
  settings: 'declare const settings: StreamsProperties',
  show: 'declare function show(what: unknown): void',
  stream: 'declare const stream: KStream<string, string>',
  streams: 'declare const streams: KafkaStreams',
  supplier: 'declare function supplier(): Processor<string, string, string, number>',
  topology: 'declare const topology: Topology',
  use: 'declare function use(...what: readonly unknown[]): void',
  value: 'declare const value: Serde<string>',
  wordCounts: 'declare const wordCounts: TopicDeclaration<string, number>',
}

/** Names that are not of `millrace`, with their imports. */
const foreign: Readonly<Record<string, string>> = {
  Observable: "import type { Observable } from 'rxjs'",
  RecordBatchReader: "import { RecordBatchReader } from '@millrace/kafka-protocol'",
  bufferTime: "import { bufferTime } from 'rxjs'",
  createInterface: "import { createInterface } from 'node:readline'",
  expect: "import { expect } from 'vitest'",
}

/** Every example in a docstring of the packages. */
export function docstringBlocks(): readonly DocstringBlock[] {
  const imports = new Map([...publicImports(), ...Object.entries(foreign)])
  return files(/^packages\/[^/]+\/src\/.*\.ts$/).flatMap(({ path, text }) =>
    [...text.matchAll(/^ *\* ```ts\n(.*?)^ *\* ```$/gms)].map(({ 1: quoted, index }) => ({
      file: path,
      line: text.slice(0, index).split('\n').length,
      program: programOf(quoted!.replace(/^ *\* ?/gm, ''), imports),
    })),
  )
}

function programOf(example: string, importOf: ReadonlyMap<string, string>): string {
  const declared = new Set([...example.matchAll(/\b(?:const|class|interface) (\w+\$?)/g)].map(([, name]) => name!))
  const parts: string[] = []
  const imports: string[] = []
  const seen = new Set<string>(declared)
  const queue = [example]
  for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
    for (const name of namesIn(text)) {
      if (seen.has(name)) continue
      seen.add(name)
      const given = Object.hasOwn(givens, name) ? givens[name] : undefined
      const imported = importOf.get(name)
      if (given !== undefined) {
        parts.push(given)
        queue.push(given)
      } else if (imported !== undefined) imports.push(imported)
    }
  }
  return [...imports, ...parts, example, 'export {}', ''].join('\n')
}

/** Words that may be names: not within texts and comments, nor after a point. */
function namesIn(code: string): Iterable<string> {
  const bare = code.replace(/'[^']*'|\/\/.*$/gm, '')
  return [...bare.matchAll(/(?<![\w$]|(?<!\.\.)\.)([A-Za-z]\w*\$?)/g)].map(([, name]) => name!)
}

/** Public names, each with its import. */
function publicImports(): readonly (readonly [string, string])[] {
  return files(/^packages\/millrace\/src\/[^/]+\.ts$/).flatMap(({ path, text }) => {
    const entry = path.replace(/^.*\/([^/]+)\.ts$/, '$1')
    const specifier = entry === 'index' ? 'millrace' : `millrace/${entry}`
    return [...text.matchAll(/^export \{(.*?)\}/gms)].flatMap(([, list]) =>
      list!
        .split(',')
        .map((one) => one.trim().replace(/^.* as /, ''))
        .filter((name) => name !== '')
        .map((name) => [name.replace(/^type /, ''), `import { ${name} } from '${specifier}'`] as const),
    )
  })
}
