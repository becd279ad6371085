// StreamTask: one subtopology on one partition of its topics (the test driver: all of them on partition 0).
//
// Owns:      its nodes, its stores, the queues of its input partitions, its punctuators, what is to be committed.
// Does not:  poll, decide when to commit, talk to the group or run transactions (StreamThread, TaskExecutor).
// In:        addRecords, process, maybePunctuate…, prepareCommit, postCommit, close.
// Out:       records through the RecordCollector; store writes through the StateEngine.
//
// Invariants
//   S1. One record runs to the end of the chain before the next one is taken.
//   S2. A record's offset is committable only after its chain has ended.
//   S3. Caches are flushed before offsets are given out: flushing may make records, and these belong to the same commit.
//   S4. After an error the task takes no further record; it is closed, or cleared and started again.
//   S5. What asynchronous operators hold is not committed: a commit waits until they have forwarded it.
//
//   created ─► restoring ─► running ─► closed ;  any ─► closed

import { Headers, type SerdeNotReadyError } from '@millrace/serdes'
import type { StateEngine } from '@millrace/state-stores'
import type { ConsumerRecord, OffsetAndMetadata, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { assert, toError } from '../errors.ts'
import type { Counter } from '../metrics/recorders.ts'
import type { TaskMetrics } from '../metrics/task-metrics.ts'
import type { Metrics } from '../metrics.ts'
import type { Cancellable, PunctuationType, Punctuator } from '../processors/processor.ts'
import type { Record } from '../processors/record.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { nanoseconds, type Time } from '../time.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'
import type { AsyncNode } from './async-node.ts'
import { measureStore } from './measure-store.ts'
import { buildNodeGraph, type NodeGraph, sourceOf } from './node-graph.ts'
import { decodeOffsetMetadata, encodeOffsetMetadata } from './offset-metadata.ts'
import { PartitionGroup } from './partition-group.ts'
import type { NodeContext } from './processor-context.ts'
import { handleProcessingError, isForTheThread, type SourceNode } from './processor-node.ts'
import { PunctuationQueue, type PunctuationSchedule } from './punctuation-queue.ts'
import { RecordCollector } from './record-collector.ts'
import { RecordQueue } from './record-queue.ts'
import type { RecordSender } from './streams-producer.ts'
import { type TaskCache, TaskContext } from './task-context.ts'

export type TaskState = 'created' | 'restoring' | 'running' | 'closed'

const VALID_TRANSITIONS: { readonly [From in TaskState]: readonly TaskState[] } = {
  created: ['restoring', 'closed'],
  restoring: ['running', 'closed'],
  running: ['closed'],
  closed: [],
}

export interface StreamTaskOptions {
  readonly subtopology: ProcessorTopology
  /** Partition number of the task: that of its changelogs. */
  readonly partition: number
  readonly inputPartitions: readonly TopicPartition[]
  readonly config: StreamsConfig
  /** Built, not opened yet; in the order of the topology. */
  readonly stores: readonly StateStore[]
  readonly engine: StateEngine
  readonly cache: TaskCache
  readonly stateDir: string | undefined
  readonly producer: RecordSender
  readonly time: Time
  readonly metrics: Metrics
  readonly threadId: string
  readonly globalStores: ReadonlyMap<string, StateStore>
}

/** @see org.apache.kafka.streams.processor.internals.StreamTask */
export class StreamTask {
  /** `<subtopology>_<partition>`. */
  readonly id: string
  readonly subtopology: ProcessorTopology
  readonly partition: number
  readonly inputPartitions: readonly TopicPartition[]
  readonly engine: StateEngine
  /** By `topic-partition`: the committed offsets with which the task started; its restored stores hold what is before them. */
  readonly startOffsets = new Map<string, number>()
  readonly #context: TaskContext
  readonly #time: Time
  readonly #graph: NodeGraph
  readonly #group: PartitionGroup
  readonly #stores: readonly StateStore[]
  readonly #streamTimePunctuators = new PunctuationQueue<NodeContext>()
  readonly #wallClockPunctuators = new PunctuationQueue<NodeContext>()
  readonly #figures: TaskMetrics
  readonly #closed: Counter
  readonly #asyncNodes: readonly AsyncNode[]
  #asyncProgress: (() => void) | undefined
  #state: TaskState = 'created'
  #commitNeeded = false

  constructor(options: StreamTaskOptions) {
    const { subtopology, config } = options
    this.id = `${subtopology.subtopologyId}_${options.partition}`
    this.subtopology = subtopology
    this.partition = options.partition
    this.inputPartitions = options.inputPartitions
    this.engine = options.engine
    this.#time = options.time
    const collector = new RecordCollector({
      taskId: this.id,
      producer: options.producer,
      handler: config.productionExceptionHandler,
      logger: config.logger,
    })
    this.#context = new TaskContext({
      ...options,
      taskId: this.id,
      changelogTopics: subtopology.changelogTopics,
      collector,
    })
    this.#figures = this.#context.figures
    this.#closed = options.metrics
      .scope('stream-thread-metrics', { 'thread-id': options.threadId })
      .rateAndTotal('task-closed')
    this.#graph = buildNodeGraph(subtopology, this.#context, this.#schedule)
    this.#asyncNodes = this.#graph.asyncNodes
    this.onAsyncProgress(() => {})
    this.#group = new PartitionGroup(
      options.inputPartitions.map(({ topic, partition }) => this.#queueFor(topic, partition)),
      config,
      this.#figures.enforcedProcessing,
    )
    this.#stores = options.stores
    this.#figures.gauges({
      bufferedRecords: () => this.bufferedRecords,
      cacheBytes: () => this.#cacheBytes(),
      stateBytes: () => this.engine.memoryBytes(),
      lag: () => this.lag,
    })
  }

  /** What is recorded about the task. */
  get figures(): TaskMetrics {
    return this.#figures
  }

  /** Records buffered. */
  get bufferedRecords(): number {
    return this.#group.queues.reduce((sum, queue) => sum + queue.size, 0)
  }

  /** Records known to be in the input partitions and not processed yet. */
  get lag(): number {
    return this.#group.queues.reduce((sum, queue) => sum + queue.size + (queue.lag ?? 0), 0)
  }

  get state(): TaskState {
    return this.#state
  }

  /** The task's open stores, by name. */
  get stores(): ReadonlyMap<string, StateStore> {
    return this.#context.stores
  }

  get streamTime(): number {
    return this.#group.streamTime
  }

  /** True while anything is buffered. */
  get hasRecords(): boolean {
    return this.#group.hasRecords
  }

  /** Why the next record waits for its serde; undefined: none does. */
  get waitingFor(): SerdeNotReadyError | undefined {
    return this.#group.waitingFor
  }

  /** True when something was processed or punctuated since the last commit. */
  get commitNeeded(): boolean {
    return this.#commitNeeded
  }

  /** True when a processor asked for a commit. */
  get commitRequested(): boolean {
    return this.#context.commitRequested
  }

  get queues(): readonly RecordQueue[] {
    return this.#group.queues
  }

  /** Opens the stores, in the order of the topology. Restoring follows. */
  initializeStores(): void {
    this.#transition('restoring')
    for (const store of this.#stores) {
      store.init(this.#context)
      measureStore(store, this.#context)
      this.#context.stores.set(store.name, store)
    }
  }

  /**
   * Initialises the processors, parents first, with the times that were committed beside the offsets.
   * @throws ProcessingError when a processor's `init` throws
   */
  initializeTopology(committed: Iterable<readonly [TopicPartition, OffsetAndMetadata]>): void {
    for (const [{ topic, partition }, { offset, metadata }] of committed) {
      this.startOffsets.set(`${topic}-${partition}`, offset)
      const queue = this.#group.queueOf(topic, partition)
      if (queue === undefined) continue
      const { partitionTime, processorMetadata } = decodeOffsetMetadata(metadata)
      queue.partitionTime = partitionTime
      if (partitionTime > this.#group.streamTime) this.#group.streamTime = partitionTime
      for (const [key, value] of processorMetadata) {
        const known = this.#context.processorMetadata.get(key)
        if (known === undefined || known < value) this.#context.processorMetadata.set(key, value)
      }
    }
    const context = this.#context
    context.streamTimeMs = this.#group.streamTime
    context.systemTimeMs = this.#time.now()
    for (const node of this.#graph.processors) {
      context.current = outsideContext(context.systemTimeMs)
      try {
        node.init()
      } finally {
        context.current = undefined
      }
    }
    this.#transition('running')
  }

  /** The queue of a partition; undefined when no source reads it. A partition that a pattern selects joins the inputs. */
  queueOf(topic: string, partition: number): RecordQueue | undefined {
    const known = this.#group.queueOf(topic, partition)
    if (known !== undefined || sourceOf(this.#graph, topic) === undefined) return known
    const queue = this.#queueFor(topic, partition)
    queue.lag = 0
    this.#group.addQueue(queue)
    return queue
  }

  /** Buffers one record in a queue of this task. @throws DeserializationError, InvalidTimestampError */
  addRecord(queue: RecordQueue, record: ConsumerRecord): void {
    this.#group.addOne(queue, record)
  }

  /** Buffers what a poll gave for one of the input partitions. @throws DeserializationError, InvalidTimestampError */
  addRecords(polled: PartitionRecords): RecordQueue {
    return this.#group.add(polled)
  }

  /** Tells empty inputs how many records are behind what was polled (KIP-695); undefined: not known. */
  updateLags(lagOf: (input: TopicPartition) => number | undefined): void {
    for (const queue of this.#group.queues) if (queue.isEmpty) queue.lag = lagOf(queue)
  }

  /** When the wait for empty inputs ends, Unix ms; undefined when the task does not wait. */
  nextIdleDeadline(): number | undefined {
    if (!this.#group.hasRecords) return undefined
    let next: number | undefined
    for (const { idleDeadlineMs } of this.#group.queues) {
      if (idleDeadlineMs !== undefined && (next === undefined || idleDeadlineMs > next)) next = idleDeadlineMs
    }
    return next
  }

  /** Records inside asynchronous operators: taken, and their results not forwarded. */
  get pendingAsync(): number {
    return this.#asyncNodes.reduce((sum, node) => sum + node.pending, 0)
  }

  /** True when `drainAsync` would forward something. */
  get hasAsyncResults(): boolean {
    return this.#asyncNodes.some((node) => node.hasResults)
  }

  /** True when every pending call waits for the clock before another attempt. */
  get isOnlyBackingOff(): boolean {
    const busy = this.#asyncNodes.filter((node) => node.pending > 0)
    return busy.length > 0 && busy.every((node) => node.isOnlyBackingOff)
  }

  /** Hears of each call of an asynchronous operator that ends, or begins to wait for another attempt. */
  onAsyncProgress(listener: () => void): void {
    this.#context.onAsyncProgress = () => {
      this.#asyncProgress?.()
      this.#asyncProgress = undefined
      listener()
    }
  }

  /** Forwards the results of one record of each asynchronous operator; false when none has any. @throws ProcessingError, ProductionError */
  drainAsync(): boolean {
    if (this.#asyncNodes.length === 0 || this.#state !== 'running') return false
    this.#context.streamTimeMs = this.#group.streamTime
    let drained = false
    for (const node of this.#asyncNodes) if (node.drain()) drained = true
    if (drained) this.#commitNeeded = true
    return drained
  }

  /** Waits until every asynchronous call has ended and its results are forwarded: the barrier before a commit. */
  async settleAsync(): Promise<void> {
    while (this.pendingAsync > 0) {
      if (this.drainAsync()) continue
      await new Promise<void>((resolve) => {
        this.#asyncProgress = resolve
      })
    }
  }

  /** True when `process` would take a record: one is buffered, and no empty input has to be waited for. */
  isProcessable(nowMs: number): boolean {
    return this.#state === 'running' && this.#group.isReady(nowMs) && !this.#asyncNodes.some((node) => node.isFull)
  }

  /**
   * Runs the next record through the topology; false when there is none to take now.
   * @throws ProcessingError, ProductionError, DeserializationError, InvalidTimestampError
   */
  process(nowMs: number): boolean {
    const group = this.#group
    if (!this.isProcessable(nowMs) || !group.next()) return false
    const context = this.#context
    const { record } = group
    if (record !== undefined) {
      context.current = group.context
      context.systemTimeMs = nowMs
      context.streamTimeMs = group.streamTime
      const { source } = group.queue!
      source.figures.latency.record(nowMs - record.timestamp)
      if (this.#figures.isDetailed) this.#processMeasured(source, record)
      else source.process(record)
    }
    this.#commitNeeded = true
    return true
  }

  /** Calls the stream-time punctuators that are due. */
  maybePunctuateStreamTime(): boolean {
    const now = this.#group.streamTime
    if (now < 0) return false
    return this.#punctuate(this.#streamTimePunctuators, now)
  }

  /** Calls the wall-clock punctuators that are due. */
  maybePunctuateWallClock(): boolean {
    return this.#punctuate(this.#wallClockPunctuators, this.#time.now())
  }

  /** When the next wall-clock punctuator is due, Unix ms; undefined when there is none. */
  nextWallClockPunctuation(): number | undefined {
    return this.#wallClockPunctuators.nextTime()
  }

  /** Flushes the caches, which may process and send records. To be followed by the producer's flush. */
  flushCaches(): void {
    if (!this.#commitNeeded) return
    let failure: unknown
    let failed = false
    for (const store of this.#stores) {
      try {
        store.flush()
      } catch (error) {
        if (!failed) failure = error
        failed = true
      }
    }
    if (failed) throw failure
  }

  /** The input offsets to commit, with the task's times; empty when nothing was done since the last commit. */
  committableOffsets(): Map<TopicPartition, OffsetAndMetadata> {
    const offsets = new Map<TopicPartition, OffsetAndMetadata>()
    if (!this.#commitNeeded) return offsets
    const { processorMetadata, processorMetadataNeedsCommit } = this.#context
    for (const queue of this.#group.queues) {
      if (!queue.consumedSinceCommit && !processorMetadataNeedsCommit) continue
      const offset = queue.committableOffset
      if (offset === undefined) continue
      const metadata = encodeOffsetMetadata({ partitionTime: queue.partitionTime, processorMetadata })
      offsets.set({ topic: queue.topic, partition: queue.partition }, { offset, metadata })
    }
    return offsets
  }

  /** After the offsets are committed. */
  postCommit(): void {
    this.#commitNeeded = false
    this.#context.commitRequested = false
    this.#context.processorMetadataNeedsCommit = false
    for (const queue of this.#group.queues) queue.consumedSinceCommit = false
  }

  /** Closes processors, then stores; the engine stays open. All are closed even when one throws; then the first error is thrown. */
  close(): void {
    if (this.#state === 'closed') return
    const wasRunning = this.#state === 'running'
    this.#transition('closed')
    this.#closed.record()
    this.#streamTimePunctuators.clear()
    this.#wallClockPunctuators.clear()
    let failure: unknown
    let failed = false
    const attempt = (close: () => void): void => {
      try {
        close()
      } catch (error) {
        if (!failed) failure = error
        failed = true
      }
    }
    if (wasRunning) for (const node of this.#graph.processors) attempt(() => node.close())
    this.#group.clear()
    // What a cache still holds was not committed, and must not be forwarded by a close.
    for (const name of this.#context.stores.keys()) this.#context.cache?.close(`${this.id}-${name}`)
    for (const store of this.#context.stores.values()) if (store.isOpen()) attempt(() => store.close())
    if (failed) throw failure
  }

  #punctuate(queue: PunctuationQueue<NodeContext>, now: number): boolean {
    if (this.#state !== 'running') return false
    const punctuated = queue.maybePunctuate(now, this.#callPunctuator)
    if (punctuated) this.#commitNeeded = true
    return punctuated
  }

  readonly #callPunctuator = (schedule: PunctuationSchedule<NodeContext>, now: number): void => {
    const context = this.#context
    context.current = outsideContext(now)
    context.systemTimeMs = this.#time.now()
    context.streamTimeMs = this.#group.streamTime
    try {
      if (this.#figures.isDetailed) this.#punctuateMeasured(schedule, now)
      else schedule.punctuator(now)
    } catch (error) {
      if (isForTheThread(error)) throw error
      const { nodeName } = schedule.node
      handleProcessingError(context, nodeName, undefined, toError(error), context.config.processingExceptionHandler)
    }
  }

  #punctuateMeasured(schedule: PunctuationSchedule<NodeContext>, now: number): void {
    const begin = nanoseconds(this.#time)
    this.#figures.punctuate.record()
    schedule.punctuator(now)
    this.#figures.punctuateLatency.record((nanoseconds(this.#time) - begin) / 1e6)
  }

  /** Processes a record with the clock in hand. */
  #processMeasured(source: SourceNode, record: Record<unknown, unknown>): void {
    this.#figures.process.record()
    source.figures.process.record()
    const begin = nanoseconds(this.#time)
    this.#figures.lateness.record(this.#group.streamTime - record.timestamp)
    source.process(record)
    this.#figures.processLatency.record((nanoseconds(this.#time) - begin) / 1e6)
  }

  #cacheBytes(): number {
    let bytes = 0
    for (const name of this.#context.stores.keys()) bytes += this.#context.cache?.sizeOf(`${this.id}-${name}`) ?? 0
    return bytes
  }

  readonly #schedule = (
    node: NodeContext,
    intervalMs: number,
    type: PunctuationType,
    punctuator: Punctuator,
    startTime: number | undefined,
  ): Cancellable => {
    if (type === 'stream-time') {
      const now = this.#group.streamTime
      const anchored = startTime !== undefined
      return this.#streamTimePunctuators.schedule(node, startTime ?? 0, intervalMs, punctuator, anchored, now)
    }
    const now = this.#time.now()
    const first = startTime ?? now + intervalMs
    return this.#wallClockPunctuators.schedule(node, first, intervalMs, punctuator, startTime !== undefined, now)
  }

  #queueFor(topic: string, partition: number): RecordQueue {
    const source = sourceOf(this.#graph, topic)
    assert(source !== undefined, `Task ${this.id} was given topic '${topic}', which none of its sources reads.`)
    const queue = new RecordQueue(topic, partition, source, this.#context)
    this.#context.figures.partitionLag(topic, partition, () => queue.size + (queue.lag ?? 0))
    return queue
  }

  #transition(to: TaskState): void {
    assert(VALID_TRANSITIONS[this.#state].includes(to), `Task ${this.id} cannot go from ${this.#state} to ${to}.`)
    this.#state = to
  }
}

/** The record context of what no input record caused: an `init` or a punctuation. */
function outsideContext(timestamp: number) {
  return { timestamp, offset: -1, partition: -1, topic: undefined, headers: Headers.empty }
}
