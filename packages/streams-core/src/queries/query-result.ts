import type { QueryIsolation } from './local-stores.ts'
import { mergePositions, type Position } from './position.ts'

/**
 * | reason | |
 * |---|---|
 * | `UNKNOWN_QUERY_TYPE` | the store is of a kind that does not know this query |
 * | `NOT_ACTIVE` | `requireActive` was asked for, and the task is being restored |
 * | `NOT_UP_TO_BOUND` | the store has not read as far as `positionBound` says |
 * | `NOT_PRESENT` | the partition is not with this instance |
 * | `DOES_NOT_EXIST` | the store has no such partition |
 * | `STORE_EXCEPTION` | the store or a serde threw |
 *
 * @see org.apache.kafka.streams.query.FailureReason
 */
export type FailureReason =
  | 'UNKNOWN_QUERY_TYPE'
  | 'NOT_ACTIVE'
  | 'NOT_UP_TO_BOUND'
  | 'NOT_PRESENT'
  | 'DOES_NOT_EXIST'
  | 'STORE_EXCEPTION'

/** What one partition answered. @see org.apache.kafka.streams.query.QueryResult */
export type QueryResult<R> =
  | {
      readonly isSuccess: true
      readonly result: R
      readonly position: Position
      readonly executionInfo: readonly string[]
    }
  | {
      readonly isSuccess: false
      readonly failureReason: FailureReason
      readonly failureMessage: string
      readonly position: Position
      readonly executionInfo: readonly string[]
    }

/** How to ask. @see org.apache.kafka.streams.query.StateQueryRequest */
export interface StateQueryRequest {
  /** Default: all partitions that this instance has. */
  readonly partitions?: readonly number[]
  /** What the answer must at least include. Default: nothing in particular. */
  readonly positionBound?: Position
  /** Refuse partitions that are still being restored. Default: false. */
  readonly requireActive?: boolean
  /** Say which task answered and how long it took. Default: false. */
  readonly enableExecutionInfo?: boolean
  /** Default: `read_committed` under exactly-once, else `read_uncommitted`. */
  readonly isolation?: QueryIsolation
}

/** What all partitions answered. @see org.apache.kafka.streams.query.StateQueryResult */
export class StateQueryResult<R> {
  /** By partition, ascending. Empty for a global store. */
  readonly partitionResults: ReadonlyMap<number, QueryResult<R>>
  /** Of a global store, which has no partitions; else undefined. */
  readonly globalResult: QueryResult<R> | undefined

  constructor(partitionResults: ReadonlyMap<number, QueryResult<R>>, globalResult?: QueryResult<R>) {
    this.partitionResults = partitionResults
    this.globalResult = globalResult
  }

  /** The one answer that is a success and not null; undefined when there is none. @throws RangeError when there are several */
  onlyPartitionResult(): (QueryResult<R> & { readonly isSuccess: true }) | undefined {
    const found = [...this.partitionResults.values()].filter((answer) => answer.isSuccess && answer.result !== null)
    if (found.length > 1) {
      throw new RangeError(
        `${found.length} partitions have a result. Read partitionResults, or ask one partition with { partitions }.`,
      )
    }
    return found[0] as (QueryResult<R> & { readonly isSuccess: true }) | undefined
  }

  /** How far the stores that answered are, together: a bound for the next query which is not to go back in time. */
  get position(): Position {
    return mergePositions([...this.partitionResults.values()].map((answer) => answer.position))
  }
}
