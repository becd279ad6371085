import type { FetchPosition } from './fetch-request.ts'

/** What of a fetch has to be said, because the broker does not know it yet. */
export interface SessionFetch {
  readonly sessionId: number
  /** 0: a new session. */
  readonly sessionEpoch: number
  readonly changed: readonly FetchPosition[]
  readonly forgotten: readonly { readonly topic: string; readonly topicId: string; readonly partition: number }[]
}

interface KnownPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly offset: number
}

const lastEpoch = 0x7fffffff

/**
 * What one broker remembers of the fetches of one reader, so that only what has changed is said again. A fetch that failed leaves
 * open what the broker remembers: the next one begins anew.
 * @see KIP-227, org.apache.kafka.clients.FetchSessionHandler
 */
export class FetchSession {
  #sessionId = 0
  #epoch = 0
  #known = new Map<string, KnownPartition>()

  /** What is to be said to fetch exactly from these positions. */
  next(positions: readonly FetchPosition[], topicIdOf: (topic: string) => string): SessionFetch {
    const wanted = new Map<string, KnownPartition>()
    for (const { topic, partition, offset } of positions) {
      wanted.set(`${topic}/${partition}`, { topic, topicId: topicIdOf(topic), partition, offset })
    }
    // Within a session nothing is said of partitions without news. What is new to it is always answered.
    const mustBegin = positions.some(({ topic, partition, needsAnswer = false }) => {
      const known = this.#known.get(`${topic}/${partition}`)
      return known !== undefined && (needsAnswer || known.topicId !== topicIdOf(topic))
    })
    if (this.#epoch === 0 || mustBegin) {
      this.#known = wanted
      this.#epoch = 0
      return { sessionId: this.#sessionId, sessionEpoch: 0, changed: positions, forgotten: [] }
    }
    const changed = positions.filter(({ topic, partition, offset }) => {
      return this.#known.get(`${topic}/${partition}`)?.offset !== offset
    })
    const forgotten = [...this.#known].flatMap(([name, known]) => (wanted.has(name) ? [] : [known]))
    this.#known = wanted
    return { sessionId: this.#sessionId, sessionEpoch: this.#epoch, changed, forgotten }
  }

  /** The broker has answered; 0: it does not keep a session. */
  answered(sessionId: number): void {
    this.#sessionId = sessionId
    if (sessionId === 0) this.#epoch = 0
    else this.#epoch = this.#epoch === lastEpoch ? 1 : this.#epoch + 1
  }

  /** The broker does not know the session, or nobody knows what it has heard. */
  failed(): void {
    this.#sessionId = 0
    this.#epoch = 0
  }
}
