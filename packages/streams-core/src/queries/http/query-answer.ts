import type { ActiveTask } from '../../runtime/active-task.ts'
import { readingAhead } from '../local-stores.ts'
import { firstBehind, mergePositions, type Position, positionOf } from '../position.ts'
import type { StateQueries } from '../state-queries.ts'
import { HttpError } from './http-error.ts'
import type { QueryRequest } from './query-request.ts'
import { type AnswerEntry, type EntryQuestion, storeReaders } from './store-answers.ts'

/** The answer to a question about entries. */
export interface QueryAnswer {
  readonly store: string
  readonly entries: readonly AnswerEntry[]
  /** True when `limit` cut the entries off. */
  readonly hasMore: boolean
  /** Partitions that are with no instance known; without them the answer is not whole. Absent for one key. */
  readonly missingPartitions?: readonly number[]
  /** How far the stores that were read are. */
  readonly position: Position
}

/**
 * Answers from the stores of this instance. `key`: null for all keys. `partitions`: undefined for all that are here.
 * @throws HttpError, StreamsError
 */
export async function localAnswer(
  queries: StateQueries,
  question: EntryQuestion,
  request: QueryRequest,
  key: unknown,
  partitions: readonly number[] | undefined,
): Promise<QueryAnswer> {
  const { storeName } = request
  const { stores } = queries
  const parameters = request.storeParameters
  const isolation = parameters.isolation ?? stores.defaultIsolation
  const copies = parameters.enableStaleStores ? stores.standbyTasks(storeName) : []
  const all = [...stores.tasks(storeName), ...copies]
  const tasks = all.filter(({ plan }) => isAsked(plan.partition, partitions, parameters.partition))
  const positions = tasks.map((active) => boundedPosition(active, positionOf(active, isolation), request))
  const opened =
    partitions === undefined
      ? stores.readableWithEngines(storeName, parameters)
      : partitions.flatMap((partition) => stores.readableWithEngines(storeName, { ...parameters, partition }))
  const entries: AnswerEntry[] = []
  const { limit } = request
  for (const readable of opened) {
    const left = limit - entries.length
    // One more than fits tells whether there are more.
    const found = await readingAhead(readable, left + 1, (store) => {
      return firstOf(storeReaders[question](store, key, request), left + 1)
    })
    entries.push(...found.slice(0, left))
    if (found.length > left) return { store: storeName, entries, hasMore: true, position: mergePositions(positions) }
  }
  return { store: storeName, entries, hasMore: false, position: mergePositions(positions) }
}

function firstOf<T>(all: Iterable<T>, count: number): T[] {
  const first: T[] = []
  for (const one of all) {
    first.push(one)
    if (first.length === count) break
  }
  return first
}

function isAsked(partition: number, partitions: readonly number[] | undefined, only: number | undefined): boolean {
  return (partitions?.includes(partition) ?? true) && (only === undefined || only === partition)
}

/** @throws HttpError when the position is behind the request's bound */
function boundedPosition({ plan }: ActiveTask, position: Position, request: QueryRequest): Position {
  const behind = firstBehind(position, request.positionBound ?? {}, plan.partition)
  if (behind === undefined) return position
  throw new HttpError(
    503,
    'NOT_UP_TO_BOUND',
    `Store '${request.storeName}' has not read far enough: ${behind}. Try again.`,
  )
}
