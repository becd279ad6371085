import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type FileSystem,
  type GroupConfig,
  LogEngine,
  memoryFileSystem,
  type TopicPartitionIds,
} from '../../../src/index.ts'
import { ManualTime } from '../../manual-time.ts'

/** An engine on a manual clock with consumers of the group `g`. */
export class ConsumerFixture {
  readonly fileSystem: FileSystem = memoryFileSystem()
  readonly time = new ManualTime()
  readonly #config: Partial<GroupConfig>
  engine!: LogEngine

  private constructor(config: Partial<GroupConfig>) {
    this.#config = config
  }

  /** Topics by name with their numbers of partitions. */
  static async open(topics: Readonly<Record<string, number>>, config: Partial<GroupConfig> = {}) {
    const fixture = new ConsumerFixture(config)
    await fixture.#open()
    for (const [name, partitions] of Object.entries(topics)) fixture.engine.createTopic({ name, partitions })
    return fixture
  }

  async restart(): Promise<void> {
    await this.engine.close()
    await this.#open()
  }

  async #open(): Promise<void> {
    const { fileSystem, time } = this
    this.engine = await LogEngine.open({ dir: '/data', fileSystem, time, groups: this.#config })
  }
}

/** A client of the consumer group protocol: takes what it is given, and gives up at once what it must. */
export class TestConsumer {
  readonly #fixture: ConsumerFixture
  readonly memberId: string
  request: Partial<ConsumerGroupHeartbeatRequest>
  epoch = 0
  owned: readonly TopicPartitionIds[] = []
  last: ConsumerGroupHeartbeatResponse | undefined

  constructor(fixture: ConsumerFixture, memberId: string, request: Partial<ConsumerGroupHeartbeatRequest> = {}) {
    this.#fixture = fixture
    this.memberId = memberId
    this.request = { topicNames: ['t'], ...request }
  }

  /** The partitions it holds as `topic-partition`, in order. */
  get holds(): string[] {
    const { engine } = this.#fixture
    const names = new Map(engine.listTopics().map(({ topicId, name }) => [topicId, name]))
    return this.owned.flatMap(({ topicId, partitions }) => partitions.map((p) => `${names.get(topicId)}-${p}`)).sort()
  }

  join(changes: Partial<ConsumerGroupHeartbeatRequest> = {}): ConsumerGroupHeartbeatResponse {
    this.request = { ...this.request, ...changes }
    this.owned = []
    return this.send({ ...this.request, memberEpoch: 0, rebalanceTimeoutMs: 60_000, ownedPartitions: [] })
  }

  /** Says what it holds. */
  heartbeat(changes: Partial<ConsumerGroupHeartbeatRequest> = {}): ConsumerGroupHeartbeatResponse {
    return this.send({ ownedPartitions: this.owned, ...changes })
  }

  leave(memberEpoch = -1): ConsumerGroupHeartbeatResponse {
    return this.send({ memberEpoch })
  }

  commit(offset: number, partition = 0, generationId = this.epoch): Promise<void> {
    const who = { groupId: 'g', memberId: this.memberId, generationId }
    return this.#fixture.engine.commitOffsets(who, [{ topic: 't', partition, offset }])
  }

  send(changes: Partial<ConsumerGroupHeartbeatRequest>): ConsumerGroupHeartbeatResponse {
    const answer = this.#fixture.engine.consumerGroups.heartbeat({
      groupId: 'g',
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: this.request.instanceId ?? null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      topicNames: null,
      topicRegex: null,
      serverAssignor: null,
      ownedPartitions: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      requiresMemberId: true,
      ...changes,
    })
    this.last = answer
    if (answer.memberEpoch >= 0) this.epoch = answer.memberEpoch
    if (answer.assignment !== null) this.owned = answer.assignment
    return answer
  }
}

/** Heartbeats of all until nobody hears of a change. */
export function converge(...consumers: TestConsumer[]): void {
  for (let quiet = 0; quiet < 2; quiet++) {
    for (const consumer of consumers) {
      const before = consumer.epoch
      if (consumer.heartbeat().assignment !== null || consumer.epoch !== before) quiet = -1
    }
  }
}
