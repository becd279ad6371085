/** One check or sync taken out of the engine. */
export interface Mutation {
  /** What the engine then does not do. */
  readonly name: string
  /** Of `src`. */
  readonly file: string
  readonly search: string
  readonly replace: string
}

/** Each of these must make the model fail. */
export const mutations: readonly Mutation[] = [
  {
    name: 'sync segments',
    file: 'log/log-segment.ts',
    search: 'const syncs = [this.file.sync(), this.transactionIndex.sync()]',
    replace: 'const syncs = [this.transactionIndex.sync()]',
  },
  {
    name: 'sync transaction indexes',
    file: 'log/log-segment.ts',
    search: 'const syncs = [this.file.sync(), this.transactionIndex.sync()]',
    replace: 'const syncs = [this.file.sync()]',
  },
  {
    name: "sync the names in a partition's folder",
    file: 'log/partition-sync.ts',
    search: 'if (this.#isFolderDirty) syncs.push(this.#fileSystem.syncDirectory(this.#log.folder))',
    replace: '',
  },
  {
    name: 'sync the names in the data directory',
    file: 'log/log-manager.ts',
    search: 'Promise.all([before, fileSystem.syncDirectory(directory), ',
    replace: 'Promise.all([before, ',
  },
  {
    name: 'make the partitions durable before the commit',
    file: 'coordinator/transaction/transaction-coordinator.ts',
    search: 'await this.#options.syncForCommit(this.#partitionsOf(transaction))',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'make the commit durable before its markers',
    file: 'coordinator/transaction/transaction-coordinator.ts',
    search: 'await this.#options.syncForCommit([this.#log.partition])',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'make lacking markers durable at the start',
    file: 'coordinator/transaction/transaction-coordinator.ts',
    search: 'await this.#options.sync(concerned)',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'make a producer epoch durable before it is used',
    file: 'coordinator/transaction/transaction-coordinator.ts',
    search: 'await this.#options.sync([this.#log.partition])',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'remember decisions whose markers are lacking',
    file: 'coordinator/transaction/decided-transactions.ts',
    search: 'open.outcome ??= outcome',
    replace: 'open.outcome ??= undefined',
  },
  {
    name: 'note a sync before it is begun',
    file: 'log/partition-sync.ts',
    search: 'if (this.#dirtySegments.size > 0) this.writeCheckpoint({ isSyncing: true })',
    replace: '',
  },
  {
    name: 'check CRCs in recovery',
    file: 'log/log-loader.ts',
    search: 'if (position >= trustedBytes && !reader.isCrcValid) return false',
    replace: '',
  },
  {
    name: 'cut what follows a gap',
    file: 'log/log-loader.ts',
    search: 'next.baseOffset !== this.#nextOffset',
    replace: 'next.baseOffset < 0',
  },
  {
    name: 'check CRCs of appends',
    file: 'log/log-validator.ts',
    search: 'if (!reader.isCrcValid) throw',
    replace: 'if (reader.recordCount === -2) throw',
  },
  {
    name: 'check CRCs of fetches',
    file: 'log/batch-read.ts',
    search: 'return !request.checkCrcs || batch.isCrcValid',
    replace: 'return true',
  },
  {
    name: 'check offsets of fetches',
    file: 'log/batch-read.ts',
    search: 'if (request.isContiguous && batch.baseOffset !== expectedOffset) return false',
    replace: '',
  },
  {
    name: 'refuse gaps in sequences',
    file: 'log/producer-state-manager.ts',
    search: 'if (baseSequence === expected) return undefined',
    replace: 'if (baseSequence >= expected) return undefined',
  },
  {
    name: 'recognise retries',
    file: 'log/producer-state-manager.ts',
    search: 'if (known !== undefined) return known',
    replace: 'if (known !== undefined) return undefined',
  },
  {
    name: 'keep producer ids over a loss of power',
    file: 'topic-registry.ts',
    search: 'await this.#reserving',
    replace: 'this.#reserving.catch(() => {})',
  },
  {
    name: 'take back a write that did not fit',
    file: 'log/partition-log.ts',
    search: 'segment.truncateFile(size)',
    replace: 'segment.addToIndexes({ lastOffset: this.endOffset, maxTimestamp: 0, sizeInBytes: 7 }, 1)',
  },
  {
    name: 'make a cleaned segment durable before it counts',
    file: 'log/cleaned-segment.ts',
    search: 'await cleaned.sync(true)',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'make the swap durable before the replaced segments go',
    file: 'log/cleaned-segment.ts',
    search: 'await fileSystem.syncDirectory(folder)',
    replace: 'await Promise.resolve()',
  },
  {
    name: 'make the durable place durable before cleaning what lies below it',
    file: 'log/partition-sync.ts',
    search: 'await this.sync()\n    await this.#checkpoint.sync()',
    replace: 'await this.sync()',
  },
  {
    name: 'make markers durable before decisions are compacted away',
    file: 'log-engine.ts',
    search: 'if (log.name === partitionName(transactionsPartition)) await',
    replace: "if (log.name === '') await",
  },
  {
    name: 'make the marker file durable',
    file: 'data-directory.ts',
    search: 'await marker.sync()',
    replace: '',
  },
  {
    name: 'make the name of the marker file durable',
    file: 'data-directory.ts',
    search: 'await fileSystem.syncDirectory(path)',
    replace: '',
  },
  {
    name: 'make all else durable before offsets that are committed',
    file: 'log-engine.ts',
    search: "if (this.#flush === 'commit') await this.sync()",
    replace: '',
  },
  {
    name: 'make offsets that are committed durable',
    file: 'log-engine.ts',
    search: "if (this.#flush === 'commit') await this.#logs.sync([this.#groups.log.partition])",
    replace: '',
  },
  {
    name: 'check CRCs of snapshots',
    file: 'log/producer-snapshot.ts',
    search: 'if (buffer.readUInt32BE(2) !== crc32c(buffer, headerBytes)) return undefined',
    replace: '',
  },
  {
    name: 'check CRCs of checkpoints',
    file: 'log/partition-checkpoint.ts',
    search: 'bytes.readUInt32BE(at) === crc32c(bytes, at + 4, at + usedBytes) && ',
    replace: '',
  },
  {
    name: 'never write over the newest durable checkpoint',
    file: 'log/partition-checkpoint.ts',
    search: 'held !== this.#newest && held !== this.#durable',
    replace: 'held !== this.#newest',
  },
]
