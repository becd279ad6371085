import type { LogEngine, TopicDescription } from '@millrace/log-engine'

/** Topics by id, for the requests that name them so. */
export class TopicIds {
  readonly #engine: LogEngine
  readonly #names = new Map<string, string>()

  constructor(engine: LogEngine) {
    this.#engine = engine
  }

  /** undefined when no topic has the id (any more). */
  find(topicId: string): TopicDescription | undefined {
    const known = this.#names.get(topicId)
    if (known !== undefined) {
      const topic = this.#engine.describeTopic(known)
      if (topic?.topicId === topicId) return topic
      this.#names.delete(topicId)
    }
    const topic = this.#engine.listTopics().find((one) => one.topicId === topicId)
    if (topic !== undefined) this.#names.set(topicId, topic.name)
    return topic
  }
}
