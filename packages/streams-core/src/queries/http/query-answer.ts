import type { ActiveTask } from '../../runtime/active-task.ts'
import { reading } from '../local-stores.ts'
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
export function localAnswer(
  queries: StateQueries,
  question: EntryQuestion,
  request: QueryRequest,
  key: unknown,
  partitions: readonly number[] | undefined,
): QueryAnswer {
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
      ? stores.readable(storeName, parameters)
      : partitions.flatMap((partition) => stores.readable(storeName, { ...parameters, partition }))
  const entries: AnswerEntry[] = []
  const { limit } = request
  for (const store of opened) {
    const isFull = reading(storeName, () => {
      for (const entry of storeReaders[question](store, key, request)) {
        if (entries.length === limit) return true
        entries.push(entry)
      }
      return false
    })
    if (isFull) return { store: storeName, entries, hasMore: true, position: mergePositions(positions) }
  }
  return { store: storeName, entries, hasMore: false, position: mergePositions(positions) }
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
