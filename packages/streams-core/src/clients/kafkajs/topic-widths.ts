import type { Admin } from '../admin.ts'
import type { PartitionCounts } from '../native/partition-counts.ts'

/** How many partitions topics have, as the clients of one supplier last heard. */
export class TopicWidths {
  readonly #counts: PartitionCounts
  readonly #admin: () => Admin
  readonly #asked = new Set<string>()

  /** `admin`: makes one, which is closed after its use; what it hears of topics is in `counts`. */
  constructor(counts: PartitionCounts, admin: () => Admin) {
    this.#counts = counts
    this.#admin = admin
  }

  get(topic: string): number | undefined {
    return this.#counts.get(topic)
  }

  /** Asks for the topics, or with null for all of them; those that do not exist are left out. @throws ClientError */
  async refresh(topics: readonly string[] | null): Promise<readonly string[]> {
    const admin = this.#admin()
    try {
      const found = await admin.describeTopics(topics ?? (await admin.listTopics()))
      return [...found.keys()]
    } finally {
      await admin.close()
    }
  }

  /** Asks for a topic, for whoever tries again later. */
  ask(topic: string): void {
    if (this.#asked.has(topic)) return
    this.#asked.add(topic)
    void this.refresh([topic])
      .catch(() => undefined)
      .then(() => this.#asked.delete(topic))
  }
}
