import type { ActiveTask } from '../../runtime/active-task.ts'
import type { HostInfo } from '../host-info.ts'
import { keyQueryMetadata, keySerdeOf } from '../key-query-metadata.ts'
import { mergePositions } from '../position.ts'
import type { StateQueries } from '../state-queries.ts'
import { HttpError } from './http-error.ts'
import type { ForwardedRequest, Instances } from './instances.ts'
import { localAnswer, type QueryAnswer } from './query-answer.ts'
import type { QueryRequest } from './query-request.ts'
import type { EntryQuestion } from './store-answers.ts'

/** A request as it is routed. */
export interface RoutedRequest extends ForwardedRequest {
  readonly request: QueryRequest
  /** True: another instance passed it on; the answer must be here. */
  readonly isForwarded: boolean
}

/** Where the answer about one partition is: here, or with another instance. */
export type Place =
  | { readonly here: true; readonly partition: number }
  | { readonly here: false; readonly hosts: readonly HostInfo[] }

/**
 * Where a key's partition is, or the partition that the request names; undefined when the request is about all partitions.
 * @throws HttpError when nobody has it
 */
export async function placeOf(
  queries: StateQueries,
  instances: Instances,
  { request, isForwarded }: RoutedRequest,
): Promise<Place | undefined> {
  const { storeName } = request
  const key = request.key('key', keySerdeOf(queries.stores, storeName))
  const { partition: asked } = request.storeParameters
  if (key === null && asked === undefined) return undefined
  const partition = asked ?? keyQueryMetadata(queries.host, queries.stores, [], storeName, key).partition
  const isHere = tasksHere(queries, request).some(({ plan }) => plan.partition === partition)
  if (isHere || partition === -1 || partition >= (queries.stores.partitionCount(storeName) ?? 0)) {
    return { here: true, partition }
  }
  if (isForwarded) {
    throw new HttpError(
      421,
      'NOT_OWNER',
      `Partition ${partition} of store '${storeName}' is not with this instance, to which the request was passed on. Try again: its task is moving.`,
    )
  }
  const { activeHost, standbyHosts } = await instances.holdersOf(storeName, partition)
  const copies = request.storeParameters.enableStaleStores ? standbyHosts : []
  const hosts = activeHost === undefined ? copies : [activeHost, ...copies]
  if (hosts.length > 0) return { here: false, hosts }
  throw new HttpError(
    503,
    'OWNER_UNKNOWN',
    `Partition ${partition} of store '${storeName}' is not with this instance, and no other is known to have it and to answer queries. Serve queries on all instances, or try again after the rebalance.`,
  )
}

/** The tasks of this instance that may answer: stale copies too, if the request takes them. */
function tasksHere({ stores }: StateQueries, { storeName, storeParameters }: QueryRequest): readonly ActiveTask[] {
  const copies = storeParameters.enableStaleStores ? stores.standbyTasks(storeName) : []
  return [...stores.tasks(storeName), ...copies]
}

/** Answers a question about entries, here or from the instances that have them. @throws HttpError, StreamsError */
export async function routedAnswer(
  queries: StateQueries,
  instances: Instances,
  question: EntryQuestion,
  routed: RoutedRequest,
): Promise<QueryAnswer | Response> {
  const { request, isForwarded } = routed
  const { stores } = queries
  const { storeName } = request
  const isGlobal = stores.declaration(storeName).subtopologyId === undefined
  stores.requireStarted(storeName)
  const key = request.key('key', keySerdeOf(stores, storeName))
  if (isGlobal) return localAnswer(queries, question, request, key, undefined)
  const place = await placeOf(queries, instances, routed)
  if (place?.here === false) return instances.forward(place.hosts, routed)
  if (place !== undefined) return localAnswer(queries, question, request, key, [place.partition])
  const here = tasksHere(queries, request).map(({ plan }) => plan.partition)
  const answer = here.length === 0 ? empty(storeName) : await localAnswer(queries, question, request, key, here)
  if (isForwarded) return answer
  return gathered(instances, answer, routed, here, stores.partitionCount(storeName) ?? 0)
}

/** Adds the entries of the partitions that other instances have. */
async function gathered(
  instances: Instances,
  local: QueryAnswer,
  routed: RoutedRequest,
  here: readonly number[],
  partitionCount: number,
): Promise<QueryAnswer> {
  const { request } = routed
  const owners = new Map<string, { readonly host: HostInfo; readonly partitions: number[] }>()
  const missingPartitions: number[] = []
  for (let partition = 0; partition < partitionCount; partition += 1) {
    if (here.includes(partition)) continue
    const { activeHost: host } = await instances.holdersOf(request.storeName, partition)
    if (host === undefined) missingPartitions.push(partition)
    else {
      const name = `${host.host}:${host.port}`
      const known = owners.get(name)
      if (known === undefined) owners.set(name, { host, partitions: [partition] })
      else known.partitions.push(partition)
    }
  }
  const answers = [local]
  for (const { host, partitions } of owners.values()) {
    const response = await instances.forward([host], routed).catch((error: unknown) => {
      if (error instanceof HttpError && error.code === 'OWNER_UNREACHABLE') return undefined
      throw error
    })
    if (response === undefined) {
      missingPartitions.push(...partitions)
      continue
    }
    const body: unknown = await response.json()
    if (!response.ok) throw remoteError(response.status, body)
    answers.push(body as QueryAnswer)
  }
  const entries = answers.flatMap((answer) => answer.entries)
  return {
    store: request.storeName,
    entries: entries.slice(0, request.limit),
    hasMore: entries.length > request.limit || answers.some(({ hasMore }) => hasMore),
    missingPartitions: missingPartitions.sort((a, b) => a - b),
    position: mergePositions(answers.map(({ position }) => position)),
  }
}

function remoteError(status: number, body: unknown): HttpError {
  const { error } = body as { readonly error: { readonly code: string; readonly message: string } }
  return new HttpError(status, error.code, error.message)
}

function empty(store: string): QueryAnswer {
  return { store, entries: [], hasMore: false, position: {} }
}
