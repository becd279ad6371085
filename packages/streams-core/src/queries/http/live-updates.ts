import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Serde } from '@millrace/serdes'
import { keySerdeOf } from '../key-query-metadata.ts'
import type { StateQueries } from '../state-queries.ts'
import type { StoreChange } from '../store-changes.ts'
import { toJson } from './json.ts'
import { localAnswer } from './query-answer.ts'
import type { QueryRequest } from './query-request.ts'
import type { AnswerEntry, EntryQuestion } from './store-answers.ts'

/** The question whose answer a subscription to a key begins with. */
const firstQuestion: Readonly<{ [kind: string]: EntryQuestion }> = {
  'key-value': 'value',
  versioned: 'value',
  window: 'windows',
  session: 'sessions',
}

/**
 * Sends what happens in a store as server-sent events, until the client or the application goes. A subscription to a key that
 * is here begins with what the key has now.
 *
 *     event: value            what the key has now: the answer's entries
 *     event: change           one committed write; its id is <partition>:<changelog offset>
 *     : comment               nothing happened for a while
 *
 * No change is lost between the value and the changes; one that the value has already may come once more.
 */
export async function sendUpdates(
  queries: StateQueries,
  request: QueryRequest,
  partition: number | undefined,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { stores } = queries
  const { storeName } = request
  const { builder } = stores.declaration(storeName)
  const serde = keySerdeOf(stores, storeName)
  const key = request.key('key', serde)
  const from = new Map<number, number>()
  const first: string[] = []
  if (key !== null && partition !== undefined) {
    // The offset is taken before the value is read: the store holds at least what is before it.
    const active = stores.tasks(storeName).find(({ plan }) => plan.partition === partition)
    const offset = active?.engine.lastCommit()?.changelogOffsets.get(storeName)?.offset
    if (offset !== undefined) from.set(partition, offset)
    const question = firstQuestion[builder.kind] ?? 'value'
    const { entries } = await localAnswer(queries, question, request, key, [partition])
    first.push(`event: value\ndata: ${toJson(entries)}\n\n`)
  }
  const partitions = partition === undefined ? {} : { partitions: [partition] }
  const changes = queries.changes(storeName, { signal, from, ...partitions })
  // The first batch comes before the head is sent, so that a store which cannot be followed is answered with its error.
  let batch = await changes.next()
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  })
  const isWanted = keyFilter(key, serde)
  let text = first.join('')
  while (batch.done !== true && !signal.aborted) {
    for (const change of batch.value) if (isWanted(change)) text += eventOf(change)
    await write(response, text === '' ? ': quiet\n\n' : text, signal)
    text = ''
    const state = queries.host.state()
    if (state !== 'RUNNING' && state !== 'REBALANCING') break
    batch = await changes.next()
  }
  await changes.return()
  response.end()
}

/** Waits while the client is slower than the changelog, which keeps what comes meanwhile. */
async function write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  if (response.write(text) || signal.aborted) return
  await once(response, 'drain', { signal }).catch(() => {})
}

function eventOf({ partition, offset, ...change }: StoreChange): string {
  return `event: change\nid: ${partition}:${offset}\ndata: ${toJson(change satisfies AnswerEntry)}\n\n`
}

/** Which changes are of the key; all when it is null. */
function keyFilter(key: unknown, serde: Serde<unknown>): (change: StoreChange) => boolean {
  if (key === null) return () => true
  const wanted = Buffer.from(serde.serialize('query', key) ?? [])
  return (change) => wanted.equals(serde.serialize('query', change.key) ?? new Uint8Array())
}
