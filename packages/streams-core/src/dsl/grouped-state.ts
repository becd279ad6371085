import type { StreamState } from './dsl-stream.ts'

/** What a grouping knows beside what all parts of the DSL do. */
export interface GroupedState extends StreamState {
  /** The user's name for the repartition topic. */
  readonly topicName: string | undefined
}

/** A grouped stream's: whether its key was changed since the last repartition. */
export interface GroupedStreamState extends GroupedState {
  readonly repartitionRequired: boolean
}
