import { toError } from '../errors.ts'
import type { ActiveTask } from '../runtime/active-task.ts'
import type { StateStore } from '../state/state-store.ts'
import { type LocalStores, reading } from './local-stores.ts'
import { firstBehind, type Position, positionOf } from './position.ts'
import type { QueryHost } from './query-host.ts'
import { type FailureReason, type QueryResult, type StateQueryRequest, StateQueryResult } from './query-result.ts'
import { runQuery } from './run-query.ts'
import type { AnyStateQuery, StateQuery } from './state-query.ts'

/**
 * Asks the partitions of a store one by one; what fails in one does not keep the others from answering.
 * @throws UnknownStateStoreError, StreamsNotStartedError, StateStoreNotAvailableError when the application has ended
 */
export function queryPartitions<R>(
  host: QueryHost,
  stores: LocalStores,
  storeName: string,
  query: StateQuery<R>,
  request: StateQueryRequest,
): StateQueryResult<R> {
  const isGlobal = stores.declaration(storeName).subtopologyId === undefined
  stores.requireStarted(storeName)
  const asked = { query: query as AnyStateQuery, storeName, time: host.time }
  if (isGlobal)
    return new StateQueryResult(
      new Map(),
      answer<R>(asked, request, {}, () => stores.global(storeName)),
    )
  const copies = request.requireActive === true ? [] : stores.standbyTasks(storeName)
  const local = new Map([...copies, ...stores.tasks(storeName)].map((active) => [active.plan.partition, active]))
  const results = new Map<number, QueryResult<R>>()
  for (const partition of request.partitions ?? local.keys()) {
    const active = local.get(partition)
    results.set(
      partition,
      active === undefined
        ? absent(storeName, partition, stores.partitionCount(storeName))
        : ask(stores, asked, active, request),
    )
  }
  return new StateQueryResult(results)
}

interface Asked {
  readonly query: AnyStateQuery
  readonly storeName: string
  readonly time: { now(): number }
}

function ask<R>(stores: LocalStores, asked: Asked, active: ActiveTask, request: StateQueryRequest): QueryResult<R> {
  const { plan, task } = active
  const { storeName } = asked
  const isolation = request.isolation ?? stores.defaultIsolation
  const position = positionOf(active, isolation)
  if (task.state !== 'running' && task.state !== 'restoring') {
    return failure('NOT_PRESENT', `Task ${plan.id} of store '${storeName}' is not open now. Try again.`, position)
  }
  if (request.requireActive === true && task.state !== 'running') {
    return failure('NOT_ACTIVE', `Task ${plan.id} of store '${storeName}' is being restored. Try again.`, position)
  }
  const behind = firstBehind(position, request.positionBound ?? {}, plan.partition)
  if (behind !== undefined) {
    const message = `Store '${storeName}' has not read far enough: ${behind}. Try again.`
    return failure('NOT_UP_TO_BOUND', message, position)
  }
  const skipsCache = asked.query.kind === 'KeyQuery' && asked.query.skipsCache
  return answer(asked, request, position, () => stores.open(active, storeName, isolation, skipsCache), plan.id)
}

function answer<R>(
  { query, storeName, time }: Asked,
  request: StateQueryRequest,
  position: Position,
  open: () => StateStore,
  taskId = '-1_-1',
): QueryResult<R> {
  const startMs = time.now()
  try {
    const found = reading(storeName, () => runQuery(query, open()))
    if (found === undefined) {
      const message = `Store '${storeName}' does not know ${query.kind}: it is a store of another kind.`
      return failure('UNKNOWN_QUERY_TYPE', message, position)
    }
    const tookMs = time.now() - startMs
    const info = `${query.kind} on store '${storeName}' of task ${taskId} took ${tookMs} ms`
    const executionInfo = request.enableExecutionInfo === true ? [info] : []
    return { isSuccess: true, result: found.result as R, position, executionInfo }
  } catch (error) {
    return failure('STORE_EXCEPTION', toError(error).message, position)
  }
}

function absent<R>(storeName: string, partition: number, count: number | undefined): QueryResult<R> {
  // While the application is still finding out how many there are, no partition is here.
  return partition >= 0 && partition < (count ?? Number.POSITIVE_INFINITY)
    ? failure(
        'NOT_PRESENT',
        `Partition ${partition} of store '${storeName}' is not with this instance. Ask the one that queryMetadataForKey names.`,
        {},
      )
    : failure('DOES_NOT_EXIST', `Store '${storeName}' has no partition ${partition}; it has ${count}, from 0 on.`, {})
}

function failure<R>(failureReason: FailureReason, failureMessage: string, position: Position): QueryResult<R> {
  return { isSuccess: false, failureReason, failureMessage, position, executionInfo: [] }
}
