/** How groups are run. Times in ms. */
export interface GroupConfig {
  /** Kafka's `group.min.session.timeout.ms`. Default 6000. */
  readonly minSessionTimeoutMs: number
  /** Kafka's `group.max.session.timeout.ms`. Default 1 800 000. */
  readonly maxSessionTimeoutMs: number
  /** Kafka's `group.max.size`. Default 2 147 483 647. */
  readonly maxSize: number
  /**
   * How long the first rebalance of an empty group waits for more members; each new one extends it, up to the rebalance
   * time-out. Kafka's `group.initial.rebalance.delay.ms`, there 3000. Default 0: on one machine most groups have one
   * member, which then starts at once; every further one costs a rebalance at the others' next heartbeat.
   */
  readonly initialRebalanceDelayMs: number
  /** How long the first request of a new member may wait before it has to be sent again. Kafka's constant, 300 000. */
  readonly newMemberJoinTimeoutMs: number
  /** How long offsets live after their group has become empty. Kafka's `offsets.retention.minutes`. Default 7 days. */
  readonly offsetsRetentionMs: number
  /** Kafka's `group.consumer.session.timeout.ms`. Default 45 000. */
  readonly consumerSessionTimeoutMs: number
  /** Kafka's `group.consumer.heartbeat.interval.ms`: how soon members learn of changes. Default 5000. */
  readonly consumerHeartbeatIntervalMs: number
  /** Kafka's `group.consumer.max.size`. Default 2 147 483 647. */
  readonly consumerMaxSize: number
  /** Kafka's `group.consumer.migration.policy`: which groups may change over while they have members. Default `bidirectional`. */
  readonly migrationPolicy: 'bidirectional' | 'upgrade' | 'downgrade' | 'disabled'
  /** Kafka's `offsets.retention.check.interval.ms`. Default 600 000. */
  readonly offsetsRetentionCheckIntervalMs: number
}

/** What holds unless it is set. */
export const defaultGroupConfig: GroupConfig = {
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  maxSize: 2_147_483_647,
  initialRebalanceDelayMs: 0,
  newMemberJoinTimeoutMs: 300_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5000,
  consumerMaxSize: 2_147_483_647,
  migrationPolicy: 'bidirectional',
  offsetsRetentionMs: 7 * 86_400_000,
  offsetsRetentionCheckIntervalMs: 600_000,
}
