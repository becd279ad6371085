import type { TopicDescription } from '../../engine-requests.ts'

/** The topics that there are. */
export interface TopicCatalog {
  /** Rises with every change of a topic. */
  readonly version: number
  get(name: string): TopicDescription | undefined
  byId(topicId: string): TopicDescription | undefined
  list(): readonly TopicDescription[]
}
