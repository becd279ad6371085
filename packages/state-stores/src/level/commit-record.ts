import type { ChangelogPosition, StoreCommit } from '../state-engine.ts'
import { StoreCorruptError } from '../store-error.ts'

/** The version of the directory's layout; another one is refused. */
export const FORMAT_VERSION = 1

/** What a commit keeps about one store beside its data. */
export interface StoreRecord {
  /** The first two bytes of the store's keys. */
  readonly id: number
  readonly streamTime: number
  readonly sequence: number
  readonly numEntries: number
  /** True when a processor has ranged over the store: its keys are read when the directory is opened. */
  readonly isOrdered: boolean
}

/** Everything that a commit writes beside the data, as JSON under one key. */
export interface CommitRecord {
  readonly formatVersion: number
  /** Whose directory it is; see `LevelEngineOptions.identity`. */
  readonly identity: Readonly<{ [name: string]: string }>
  /** Counts the batches; see `commit-markers.ts`. */
  readonly sequence: number
  readonly nextStoreId: number
  readonly stores: Readonly<{ [storeName: string]: StoreRecord }>
  /** Ids of wiped stores whose keys may not all be gone. */
  readonly wipedStoreIds: readonly number[]
  /** Undefined until the first commit. */
  readonly commit: StoreCommit | undefined
}

export function encodeCommitRecord(record: CommitRecord): Uint8Array {
  const { commit, ...rest } = record
  const positions = commit && {
    changelogOffsets: Object.fromEntries(commit.changelogOffsets),
    inputOffsets: Object.fromEntries(commit.inputOffsets),
  }
  return Buffer.from(JSON.stringify({ ...rest, commit: positions }), 'utf8')
}

/** @throws StoreCorruptError when the bytes are not a commit record. */
export function decodeCommitRecord(directory: string, bytes: Uint8Array): CommitRecord {
  try {
    const record = JSON.parse(Buffer.from(bytes).toString('utf8')) as Omit<CommitRecord, 'commit'> & {
      readonly commit?: {
        readonly changelogOffsets: { readonly [storeName: string]: ChangelogPosition }
        readonly inputOffsets: { readonly [topicPartition: string]: number }
      }
    }
    const commit = record.commit && {
      changelogOffsets: new Map(Object.entries(record.commit.changelogOffsets)),
      inputOffsets: new Map(Object.entries(record.commit.inputOffsets)),
    }
    return { ...record, commit }
  } catch (cause) {
    throw new StoreCorruptError(directory, 'its commit record cannot be read', cause)
  }
}
