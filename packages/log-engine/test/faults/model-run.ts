import {
  AbortedTransactionFilter,
  type BatchAttributes,
  RecordBatchBuilder,
  RecordBatchReader,
} from '@millrace/kafka-protocol'
import { EngineError } from '../../src/engine-error.ts'
import type {
  FlushPolicy,
  IsolationLevel,
  OffsetToCommit,
  ProducerIdentity,
  TransactionalProducer,
} from '../../src/engine-requests.ts'
import { LogEngine } from '../../src/log-engine.ts'
import type { TopicPartition } from '../../src/topic-partition.ts'
import { ManualTime } from '../manual-time.ts'
import { FaultyDisk } from './faulty-disk.ts'
import { type FoundRecord, ModelPartition, type ModelRecord, type ModelTransaction, matchRecords } from './log-model.ts'
import { Random } from './random.ts'

const partitions: readonly TopicPartition[] = [
  { topic: 'plain', partition: 0 },
  { topic: 'plain', partition: 1 },
]
const compacted: TopicPartition = { topic: 'compacted', partition: 0 }
const source = (partition: number): TopicPartition => ({ topic: 'source', partition })
const names = (topicPartition: TopicPartition): string => `${topicPartition.topic}-${topicPartition.partition}`

/** A transactional producer as its client sees it. */
interface Client {
  readonly transactionalId: string
  /** Kafka's transaction version 2: each end gives it its next epoch. */
  readonly raisesEpoch: boolean
  /** The partition of `source` whose offset its transactions commit. */
  readonly source: TopicPartition
  producer: TransactionalProducer | undefined
  sequences: Map<string, number>
  transaction: ModelTransaction | undefined
  /** One that was to be committed when the process died. */
  attempt: ModelTransaction | undefined
  /** The last that was acknowledged as committed. */
  committedOffset: number
}

/** What a run may do; a mutation that only some of it reveals is looked for with that alone. */
export interface RunOptions {
  readonly steps?: number
}

/**
 * One run of random operations on an engine over a faulty disk, with crashes, and after each crash a comparison with a
 * model. The seed decides everything. Throws when the engine has lost, changed, repeated or invented anything.
 */
export class ModelRun {
  readonly #random: Random
  readonly #disk: FaultyDisk
  readonly #steps: number
  readonly #flush: FlushPolicy
  readonly #model = new Map<string, ModelPartition>()
  readonly #clients: Client[] = ['a', 'b'].map((transactionalId, partition) => ({
    transactionalId,
    raisesEpoch: partition === 1,
    source: source(partition),
    producer: undefined,
    sequences: new Map(),
    transaction: undefined,
    attempt: undefined,
    committedOffset: -1,
  }))
  /** An idempotent producer without transactions, and what it sent last to each partition. */
  #idempotent: ProducerIdentity | undefined
  readonly #lastSent = new Map<string, { sequence: number; offset: number; values: string[] }>()
  /** Offsets of `source-2`, committed outside transactions: the one acknowledged, and those attempted since. */
  #plainOffsets = [-1]
  #engine!: LogEngine
  #isRotten = false
  #time = new ManualTime()
  #counter = 0

  constructor(seed: number, options: RunOptions = {}) {
    this.#random = new Random(seed)
    this.#disk = new FaultyDisk(this.#random)
    this.#steps = options.steps ?? 25
    this.#flush = this.#random.chance(0.8) ? 'commit' : 'os'
    for (const partition of [...partitions, compacted]) this.#model.set(names(partition), new ModelPartition())
  }

  async run(): Promise<void> {
    await this.#open()
    this.#engine.createTopic({
      name: 'plain',
      partitions: 2,
      configs: { 'internal.segment.bytes': '700', 'index.interval.bytes': '150' },
    })
    this.#engine.createTopic({
      name: 'compacted',
      partitions: 1,
      configs: { 'cleanup.policy': 'compact', 'internal.segment.bytes': '400', 'delete.retention.ms': '1000' },
    })
    const small = { 'internal.segment.bytes': '1500', 'min.cleanable.dirty.ratio': '0.1' }
    for (const topic of ['__transaction_state', '__consumer_offsets']) this.#engine.alterTopicConfigs(topic, small)
    await this.#engine.sync()
    for (let boots = 1 + this.#random.below(4); boots > 0; boots--) {
      await this.#work()
      await this.#crash()
    }
  }

  async #open(): Promise<void> {
    this.#time = new ManualTime(this.#time.now() + 1)
    this.#engine = await LogEngine.open({
      dir: '/disk/data',
      fileSystem: this.#disk.start(),
      time: this.#time,
      flush: this.#flush,
      checkpointBytes: 1500,
      onWarning: (message) => {
        // What a crash tears is cut; damage it does not do.
        if (!this.#isRotten && !message.startsWith('Recovery of')) throw new Error(message)
      },
    })
  }

  async #work(): Promise<void> {
    if (this.#random.chance(0.7)) this.#disk.crashAfter(this.#random.below(this.#steps * 4))
    for (let step = 0; step < this.#steps && !this.#disk.isCrashed; step++) {
      try {
        await this.#step()
      } catch (error) {
        if (!this.#disk.isCrashed) throw error
      }
    }
  }

  #step(): Promise<void> | void {
    const kind = this.#random.below(100)
    if (kind < 20) return this.#appendPlain()
    if (kind < 30) return this.#appendIdempotent()
    if (kind < 60) return this.#appendInTransaction()
    if (kind < 75) return this.#endTransaction()
    if (kind < 80) return this.#commitOffsets()
    if (kind < 83) return this.#sync()
    if (kind < 86) return this.#deleteRecords()
    if (kind < 89) return this.#maintain()
    if (kind < 92) return this.#fillDisk()
    if (kind < 94) return this.#readFaultily()
    if (kind < 95) return this.#failToSync()
    if (kind < 96) return this.#appendDamaged()
    return this.#appendCompacted()
  }

  #appendPlain(): void {
    const partition = this.#random.pick(partitions)
    const values = this.#values()
    this.#append(partition, values, undefined, () => this.#engine.append(partition, this.#batch(values)).baseOffset)
  }

  async #appendIdempotent(): Promise<void> {
    if (this.#idempotent === undefined) {
      this.#lastSent.clear()
      this.#idempotent = await this.#engine.initProducerId()
    }
    const partition = this.#random.pick(partitions)
    const last = this.#lastSent.get(names(partition))
    const next = last === undefined ? 0 : last.sequence + last.values.length
    if (last !== undefined && this.#random.chance(0.3)) {
      const again = this.#engine.append(
        partition,
        this.#batch(last.values, { ...this.#idempotent, baseSequence: last.sequence }),
      )
      if (!again.isDuplicate || again.baseOffset !== last.offset) {
        throw new Error(`a retry was appended at ${again.baseOffset}, not known as the batch at ${last.offset}`)
      }
      return
    }
    if (last !== undefined && this.#random.chance(0.2)) {
      const gap = this.#batch(['gap'], { ...this.#idempotent, baseSequence: next + 1 })
      expectCode('OUT_OF_ORDER_SEQUENCE_NUMBER', () => this.#engine.append(partition, gap))
      return
    }
    const values = this.#values()
    const attributes = { ...this.#idempotent, baseSequence: next }
    const send = (): number => this.#engine.append(partition, this.#batch(values, attributes)).baseOffset
    const producer = this.#idempotent
    // A client that does not know what became of a batch would send it again; this one begins anew.
    this.#idempotent = undefined
    const offset = this.#append(partition, values, undefined, send)
    this.#idempotent = producer
    this.#lastSent.set(names(partition), { sequence: next, offset, values })
  }

  async #appendInTransaction(): Promise<void> {
    const client = this.#random.pick(this.#clients)
    const { transactionalId } = client
    if (client.producer === undefined) {
      client.producer = { transactionalId, ...(await this.#engine.initProducerId({ transactionalId })) }
      client.sequences = new Map()
    }
    const partition = this.#random.pick(partitions)
    client.transaction ??= {
      name: `${transactionalId}${this.#counter++}`,
      sourceOffset: this.#counter,
      outcome: 'open',
    }
    const values = this.#values()
    const { producerId, producerEpoch } = client.producer
    const baseSequence = client.sequences.get(names(partition)) ?? 0
    const attributes = { producerId, producerEpoch, baseSequence, isTransactional: true }
    const send = (): number =>
      this.#engine.append(partition, this.#batch(values, attributes), { transactionalId }).baseOffset
    this.#append(partition, values, client.transaction, send)
    client.sequences.set(names(partition), baseSequence + values.length)
  }

  async #endTransaction(): Promise<void> {
    const client = this.#random.pick(this.#clients)
    const { producer, transaction } = client
    if (producer === undefined || transaction === undefined) return
    client.transaction = undefined
    if (this.#random.chance(0.25)) {
      transaction.outcome = 'aborted'
      const { raisesEpoch } = client
      this.#goOn(client, await this.#engine.endTxn(producer, 'abort', { raisesEpoch }))
      return
    }
    transaction.outcome = 'unknown'
    client.attempt = transaction
    const offsets = [{ ...client.source, offset: transaction.sourceOffset }]
    const durable = this.#counts((record) => record.transaction === transaction)
    const committing = this.#commit(client, producer, offsets)
    // Others go on while the commit waits for the disk.
    if (this.#random.chance(0.5)) this.#appendPlainQuietly()
    await committing
    transaction.outcome = 'committed'
    client.attempt = undefined
    client.committedOffset = transaction.sourceOffset
    this.#markDurable(durable)
  }

  async #commit(client: Client, producer: TransactionalProducer, offsets: readonly OffsetToCommit[]): Promise<void> {
    const group = { groupId: 'group' }
    if (!client.raisesEpoch) return this.#engine.commitTransaction(producer, group, offsets)
    this.#engine.txnOffsetCommit(producer, group, offsets, { joins: true })
    this.#goOn(client, await this.#engine.endTxn(producer, 'commit', { raisesEpoch: true }))
  }

  #goOn(client: Client, identity: ProducerIdentity): void {
    client.producer = { transactionalId: client.transactionalId, ...identity }
    if (client.raisesEpoch) client.sequences = new Map()
  }

  async #commitOffsets(): Promise<void> {
    const durable = this.#counts(() => true)
    const offset = this.#plainOffsets.at(-1)! + 1
    this.#plainOffsets.push(offset)
    await this.#engine.commitOffsets({ groupId: 'group' }, [{ ...source(2), offset }])
    this.#plainOffsets = [offset]
    this.#markDurable(durable)
  }

  async #sync(): Promise<void> {
    const durable = this.#counts(() => true)
    const starts = [...this.#model.values()].map((model) => ({ model, start: model.deletedOffset }))
    await this.#engine.sync()
    this.#markDurable(durable, true)
    for (const { model, start } of starts) model.durableStart = start
  }

  #deleteRecords(): void {
    const partition = this.#random.pick(partitions)
    const model = this.#of(partition)
    const { offset: end } = this.#engine.listOffset(partition, 'latest')
    if (this.#random.chance(0.7) || end === 0) return
    const before = this.#random.below(end + 1)
    model.startOffset = Math.max(model.startOffset, before)
    this.#engine.deleteRecords(partition, before)
    model.deletedOffset = model.startOffset
  }

  async #maintain(): Promise<void> {
    this.#time.advance(this.#random.pick([1, 2000]))
    await this.#engine.maintain()
  }

  /** A disk that fills up refuses an append and is as good as before once there is space. */
  #fillDisk(): void {
    const partition = this.#random.pick(partitions)
    this.#disk.space = this.#random.below(60)
    expectCode('LOG_DISK_FULL', () => this.#engine.append(partition, this.#batch(['lost'.repeat(20)])))
    this.#disk.space = Number.POSITIVE_INFINITY
  }

  #appendDamaged(): void {
    const damaged = this.#batch(this.#values())
    damaged[21 + this.#random.below(damaged.length - 21)]! ^= 1 << this.#random.below(8)
    const partition = this.#random.pick(partitions)
    expectCode('CORRUPT_MESSAGE', () => this.#engine.append(partition, damaged))
  }

  #readFaultily(): void {
    const partition = this.#random.pick(partitions)
    const { offset } = this.#engine.listOffset(partition, 'earliest')
    if (offset === this.#engine.listOffset(partition, 'latest').offset) return
    this.#disk.readFaults = 1
    try {
      expectCode('KAFKA_STORAGE_ERROR', () => this.#engine.fetch(partition, offset))
    } finally {
      this.#disk.readFaults = 0
    }
    this.#engine.fetch(partition, offset)
  }

  /** After a failed sync nothing more is acknowledged as durable, and the process is started anew. */
  async #failToSync(): Promise<void> {
    this.#disk.syncFaults = 1
    try {
      await this.#engine.sync()
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'KAFKA_STORAGE_ERROR')) throw error
      this.#disk.endProcess()
    } finally {
      this.#disk.syncFaults = 0
    }
  }

  #appendCompacted(): void {
    const records = Array.from({ length: 1 + this.#random.below(3) }, () => ({
      key: `k${this.#random.below(5)}`,
      value: this.#random.chance(0.2) ? null : `v${this.#counter++}`,
    }))
    const model = this.#of(compacted)
    try {
      const { baseOffset } = this.#engine.append(compacted, keyedBatch(records, this.#timestamp))
      for (const [number, { key, value }] of records.entries()) {
        model.records.push({
          key,
          value,
          timestamp: this.#timestamp,
          transaction: undefined,
          offset: baseOffset + number,
        })
      }
    } catch (error) {
      for (const { key, value } of records)
        model.records.push({ key, value, timestamp: this.#timestamp, transaction: undefined, offset: undefined })
      throw error
    }
  }

  #appendPlainQuietly(): void {
    try {
      this.#appendPlain()
    } catch (error) {
      if (!this.#disk.isCrashed) throw error
    }
  }

  /** Appends and notes in the model what was sent, and where it was acknowledged. */
  #append(
    partition: TopicPartition,
    values: string[],
    transaction: ModelTransaction | undefined,
    send: () => number,
  ): number {
    const note = (baseOffset: number | undefined): void => {
      for (const [number, value] of values.entries()) {
        const offset = baseOffset === undefined ? undefined : baseOffset + number
        this.#of(partition).records.push({ key: 'k', value, timestamp: this.#timestamp, transaction, offset })
      }
    }
    let baseOffset: number | undefined
    try {
      baseOffset = send()
      return baseOffset
    } finally {
      note(baseOffset)
    }
  }

  async #crash(): Promise<void> {
    const isPowerLoss = this.#flush === 'commit' && this.#random.chance(0.6)
    let epochs: number[] | undefined
    if (!this.#disk.isCrashed && this.#random.chance(0.3)) {
      const before = this.#epochs()
      if (await this.#close()) epochs = before
      if (!this.#disk.isCrashed && this.#random.chance(0.5)) {
        await this.#rot()
        epochs = undefined
      }
    }
    // What was under way is let run into the dead disk before the next process starts.
    if (isPowerLoss) this.#disk.losePower()
    else this.#disk.endProcess()
    await new Promise((resolve) => setImmediate(resolve))
    await this.#open()
    if (epochs !== undefined && String(epochs) !== String(this.#epochs()))
      throw new Error(`it was closed, but epochs ${epochs} have become ${this.#epochs()}`)
    await this.#verify(isPowerLoss)
  }

  #epochs(): number[] {
    return [...partitions, compacted].map((partition) => this.#engine.listOffset(partition, 'latest').leaderEpoch)
  }

  /** Returns whether it could be closed. */
  async #close(): Promise<boolean> {
    try {
      await this.#engine.close()
      for (const model of this.#model.values()) {
        model.durableCount = model.records.length
        model.durableStart = model.deletedOffset
      }
      return true
    } catch (error) {
      if (!this.#disk.isCrashed) throw error
      return false
    }
  }

  /** A bit of a closed log flips: what is read is still what was written, up to an error that says where it ends. */
  async #rot(): Promise<void> {
    const paths = this.#disk.paths().filter((path) => /plain-\d\/\d+\.(log|index)$/.test(path))
    const path = this.#random.pick(paths.filter((name) => this.#disk.content(name)!.size > 0))
    if (path === undefined) return
    const content = this.#disk.content(path)!
    const position = this.#random.below(content.size)
    const mask = 1 << this.#random.below(8)
    content.flip(position, mask)
    this.#isRotten = true
    await this.#open()
    for (const partition of partitions) {
      const model = this.#of(partition)
      const sent = model.records.filter(({ offset }) => offset! >= model.startOffset)
      const { found, isWhole } = this.#readUntilDamage(partition)
      for (const [number, { offset, value }] of found.entries()) {
        const expected = sent[number]
        if (expected?.value !== value || expected.offset !== offset) {
          throw new Error(`${path} rots at ${position}: offset ${offset} holds ${value} instead of ${expected?.value}`)
        }
      }
      const { found: visible } = this.#readUntilDamage(partition, 'read_committed')
      const aborted = new Set(sent.filter(({ transaction }) => isHidden(transaction)).map(({ value }) => value))
      const wrong = visible.find(({ value }) => aborted.has(value))
      if (wrong !== undefined) throw new Error(`${path} rots at ${position}: ${wrong.value} is visible`)
      if (isWhole && found.length < sent.length) {
        throw new Error(`${path} rots at ${position}: ${sent.length - found.length} records are silently gone`)
      }
    }
    this.#disk.endProcess()
    this.#isRotten = false
    content.flip(position, mask)
  }

  #readUntilDamage(
    partition: TopicPartition,
    isolation: IsolationLevel = 'read_uncommitted',
  ): { readonly found: FoundRecord[]; readonly isWhole: boolean } {
    const found: FoundRecord[] = []
    try {
      this.#read(partition, isolation, found)
      return { found, isWhole: true }
    } catch (error) {
      if (error instanceof EngineError && error.code === 'CORRUPT_MESSAGE') return { found, isWhole: false }
      throw error
    }
  }

  async #verify(isPowerLoss: boolean): Promise<void> {
    for (const partition of partitions) this.#verifyRecords(partition, isPowerLoss)
    this.#verifyCompacted(isPowerLoss)
    this.#verifySequences()
    for (const client of this.#clients) {
      const { transactionalId, transaction } = client
      if (transaction !== undefined) transaction.outcome = 'aborted'
      client.transaction = undefined
      client.producer = { transactionalId, ...(await this.#engine.initProducerId({ transactionalId })) }
      client.sequences = new Map()
    }
    this.#verifyTransactions()
    this.#verifyOffsets()
  }

  #verifyRecords(partition: TopicPartition, isPowerLoss: boolean): void {
    const model = this.#of(partition)
    const start = this.#engine.listOffset(partition, 'earliest').offset
    if (start > model.startOffset)
      throw new Error(`${names(partition)} begins at ${start}, but only up to ${model.startOffset} was deleted`)
    const mustBegin = isPowerLoss ? model.durableStart : model.deletedOffset
    if (start < mustBegin) throw new Error(`${names(partition)} begins at ${start}, but ${mustBegin} was deleted up to`)
    model.startOffset = start
    model.deletedOffset = start
    model.durableStart = Math.min(model.durableStart, start)
    const acknowledged = model.records.filter(({ offset }) => offset !== undefined).length
    const found = this.#read(partition, 'read_uncommitted')
    model.records = matchRecords(model, found, start, isPowerLoss ? model.durableCount : acknowledged)
    model.durableCount = Math.min(model.durableCount, model.records.length)
    this.#verifyEpochs(partition, found)
    this.#verifyTimestamps(partition)
  }

  /** Of each epoch the end lies behind its records and before those of the next. */
  #verifyEpochs(partition: TopicPartition, found: readonly FoundRecord[]): void {
    for (const epoch of new Set(found.map(({ leaderEpoch }) => leaderEpoch))) {
      const { endOffset } = this.#engine.offsetForLeaderEpoch(partition, epoch)
      const isWrong = ({ offset, leaderEpoch }: FoundRecord): boolean => leaderEpoch <= epoch !== offset < endOffset
      const wrong = found.find(isWrong)
      if (wrong !== undefined)
        throw new Error(
          `${names(partition)}: epoch ${epoch} ends at ${endOffset}, but offset ${wrong.offset} is of epoch ${wrong.leaderEpoch}`,
        )
    }
  }

  #verifyTimestamps(partition: TopicPartition): void {
    const held = this.#of(partition).records.filter(({ offset }) => offset! >= this.#of(partition).startOffset)
    if (held.length === 0) return
    const { timestamp } = this.#random.pick(held)
    const expected = held.find((record) => record.timestamp >= timestamp)!.offset
    const { offset } = this.#engine.listOffset(partition, { timestamp })
    if (offset !== expected)
      throw new Error(`${names(partition)}: timestamp ${timestamp} is found at ${offset} instead of ${expected}`)
  }

  #verifyCompacted(isPowerLoss: boolean): void {
    const model = this.#of(compacted)
    const end = this.#engine.listOffset(compacted, 'latest').offset
    const found = this.#read(compacted, 'read_uncommitted')
    const acknowledged = model.records.filter(({ offset }) => offset !== undefined).length
    const mustHold = isPowerLoss ? model.durableCount : acknowledged
    if (end < mustHold) throw new Error(`compacted: ${mustHold} records had to survive, but it ends at ${end}`)
    model.records = model.records.slice(0, end).map((record, offset): ModelRecord => ({ ...record, offset }))
    model.durableCount = Math.min(model.durableCount, model.records.length)
    const expected = latest(model.records)
    const actual = latest(found)
    for (const key of new Set([...expected.keys(), ...actual.keys()])) {
      if (expected.get(key) !== actual.get(key)) {
        throw new Error(`compacted: ${key} is ${actual.get(key)} instead of ${expected.get(key)}`)
      }
    }
  }

  /** The idempotent producer goes on from what has survived; what was deleted may be forgotten with all else. */
  #verifySequences(): void {
    for (const partition of partitions) {
      const last = this.#lastSent.get(names(partition))
      if (last === undefined) continue
      const { records, startOffset } = this.#of(partition)
      const survived = records.some(
        ({ offset, value }) => offset === last.offset && value === last.values[0] && offset >= startOffset,
      )
      if (!survived) {
        // What was sent before it is not remembered here: the producer begins anew.
        this.#lastSent.clear()
        this.#idempotent = undefined
        return
      }
    }
  }

  #verifyTransactions(): void {
    const visible = new Map<ModelTransaction, boolean>()
    for (const partition of partitions) {
      const model = this.#of(partition)
      const found = new Set(this.#read(partition, 'read_committed').map(({ value }) => value))
      const held = model.records.filter(({ offset }) => offset! >= model.startOffset)
      for (const { value, transaction } of held) {
        const isVisible = found.delete(value)
        if (transaction === undefined) {
          if (!isVisible) throw new Error(`${value} is not visible`)
          continue
        }
        const known = visible.get(transaction)
        if (known !== undefined && known !== isVisible)
          throw new Error(`transaction ${transaction.name} is visible in part`)
        visible.set(transaction, isVisible)
        assertOutcome(transaction, isVisible)
      }
      if (found.size > 0) throw new Error(`${[...found]} is visible, but nobody sent it`)
    }
    for (const [transaction, isVisible] of visible) {
      if (transaction.outcome === 'unknown') transaction.outcome = isVisible ? 'committed' : 'aborted'
    }
  }

  #verifyOffsets(): void {
    for (const client of this.#clients) {
      const { offset } = this.#engine.fetchOffsets('group', [client.source], { requireStable: true })[0]!
      const possible = this.#possibleOffsets(client)
      if (!possible.includes(offset))
        throw new Error(`${names(client.source)} is committed at ${offset} instead of ${possible}`)
      client.committedOffset = offset
      client.attempt = undefined
    }
    const { offset } = this.#engine.fetchOffsets('group', [source(2)])[0]!
    if (!this.#plainOffsets.includes(offset)) {
      throw new Error(`source-2 is committed at ${offset} instead of ${this.#plainOffsets}`)
    }
  }

  /** A transaction whose records were deleted meanwhile does not show whether it was committed. */
  #possibleOffsets({ attempt, committedOffset }: Client): number[] {
    if (attempt === undefined || attempt.outcome === 'aborted') return [committedOffset]
    if (attempt.outcome === 'committed') return [attempt.sourceOffset]
    const isDeleted = [...this.#model.values()].some(({ records }) =>
      records.some(({ transaction }) => transaction === attempt),
    )
    return isDeleted ? [committedOffset, attempt.sourceOffset] : [committedOffset]
  }

  #read(partition: TopicPartition, isolation: IsolationLevel, found: FoundRecord[] = []): FoundRecord[] {
    let offset = this.#engine.listOffset(partition, 'earliest').offset
    const from = offset
    for (;;) {
      const maxBytes = this.#random.pick([1, 300, 100_000])
      const { batches, abortedTransactions } = this.#engine.fetch(partition, offset, { isolation, maxBytes })
      if (batches.length === 0) return found
      const reader = new RecordBatchReader(batches)
      const filter = new AbortedTransactionFilter(abortedTransactions)
      while (reader.nextBatch()) {
        const isVisible = filter.isVisible(reader)
        while (isVisible && reader.nextRecord()) {
          if (reader.offset < from) continue
          const value = reader.value && Buffer.from(reader.value).toString()
          const { offset, leaderEpoch } = reader
          found.push({ offset, leaderEpoch, key: Buffer.from(reader.key!).toString(), value })
        }
        offset = reader.lastOffset + 1
      }
    }
  }

  #values(): string[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => `v${this.#counter++}`.padEnd(this.#random.below(40)))
  }

  /** Later for each value, and than those of all markers. */
  get #timestamp(): number {
    return 1_700_001_000_000 + this.#counter
  }

  #batch(values: readonly string[], attributes: BatchAttributes = {}): Uint8Array {
    return keyedBatch(
      values.map((value) => ({ key: 'k', value })),
      this.#timestamp,
      attributes,
    )
  }

  #of(partition: TopicPartition): ModelPartition {
    return this.#model.get(names(partition))!
  }

  /** How many records each partition has in which one is chosen. */
  #counts(isChosen: (record: ModelRecord) => boolean): Map<ModelPartition, number> {
    const counts = new Map<ModelPartition, number>()
    for (const model of this.#model.values()) if (model.records.some(isChosen)) counts.set(model, model.records.length)
    return counts
  }

  #markDurable(counts: ReadonlyMap<ModelPartition, number>, isAlways = false): void {
    if (this.#flush !== 'commit' && !isAlways) return
    for (const [model, count] of counts) model.durableCount = Math.max(model.durableCount, count)
  }
}

function assertOutcome(transaction: ModelTransaction, isVisible: boolean): void {
  if (transaction.outcome === 'committed' && !isVisible)
    throw new Error(`committed transaction ${transaction.name} is not visible`)
  if (transaction.outcome === 'aborted' && isVisible)
    throw new Error(`aborted transaction ${transaction.name} is visible`)
}

/** Whether no read_committed reader may see it. */
function isHidden(transaction: ModelTransaction | undefined): boolean {
  return transaction?.outcome === 'open' || transaction?.outcome === 'aborted'
}

function latest(records: readonly { readonly key: string; readonly value: string | null }[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const { key, value } of records) {
    if (value === null) values.delete(key)
    else values.set(key, value)
  }
  return values
}

function keyedBatch(
  records: readonly { readonly key: string; readonly value: string | null }[],
  timestamp: number,
  attributes: BatchAttributes = {},
): Uint8Array {
  const builder = new RecordBatchBuilder({ initialBytes: 128 })
  for (const { key, value } of records)
    builder.append(timestamp, Buffer.from(key), value === null ? null : Buffer.from(value))
  return Uint8Array.from(builder.build(attributes))
}

function expectCode(code: EngineError['code'], action: () => void): void {
  try {
    action()
  } catch (error) {
    if (error instanceof EngineError && error.code === code) return
    throw error
  }
  throw new Error(`${code} was expected, but it went well`)
}
