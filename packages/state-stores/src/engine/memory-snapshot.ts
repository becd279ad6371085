import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ownCopy } from '../keyspace-store.ts'
import type { ChangelogPosition, StoreCommit } from '../state-engine.ts'
import { StoreCorruptError, StoreDirectoryError } from '../store-error.ts'

/** One store of a snapshot. */
export interface StoreSnapshot {
  readonly name: string
  readonly streamTime: number
  readonly sequence: number
  readonly numEntries: number
  /** Can be gone through once. */
  readonly entries: Iterable<readonly [Uint8Array, Uint8Array]>
}

/** Everything that a memory engine holds as of its last commit. */
export interface MemorySnapshot {
  readonly commit: StoreCommit | undefined
  readonly stores: readonly StoreSnapshot[]
}

const FILE = 'memory.snapshot'
const MAGIC = 'MRSNAP01'
const DIGEST_SIZE = 20
const CHUNK_BYTES = 1 << 20

interface Header {
  readonly changelogOffsets: readonly (readonly [string, ChangelogPosition])[] | undefined
  readonly inputOffsets: readonly (readonly [string, number])[]
  readonly stores: readonly { name: string; streamTime: number; sequence: number; numEntries: number }[]
}

/**
 * The bytes of a snapshot, in chunks.
 *
 *   | "MRSNAP01" | size uint32 BE | header, JSON | (size uint32 BE | key | size uint32 BE | value)*, store by store | SHA-1 |
 */
export function encodeMemorySnapshot(snapshot: MemorySnapshot): Uint8Array[] {
  const { commit, stores } = snapshot
  const header: Header = {
    changelogOffsets: commit && [...commit.changelogOffsets],
    inputOffsets: commit === undefined ? [] : [...commit.inputOffsets],
    stores: stores.map(({ name, streamTime, sequence, numEntries }) => ({ name, streamTime, sequence, numEntries })),
  }
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8')
  const size = Buffer.alloc(4)
  size.writeUInt32BE(headerBytes.length)
  const chunks: Buffer[] = [Buffer.concat([Buffer.from(MAGIC, 'latin1'), size, headerBytes])]
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let length = 0
  for (const { entries } of stores) {
    for (const [key, value] of entries) {
      const needed = 8 + key.length + value.length
      if (length + needed > chunk.length) {
        chunks.push(chunk.subarray(0, length))
        chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, needed))
        length = 0
      }
      length = chunk.writeUInt32BE(key.length, length)
      chunk.set(key, length)
      length += key.length
      length = chunk.writeUInt32BE(value.length, length)
      chunk.set(value, length)
      length += value.length
    }
  }
  chunks.push(chunk.subarray(0, length))
  const digest = createHash('sha1')
  for (const some of chunks) digest.update(some)
  chunks.push(digest.digest())
  return chunks
}

/** Writes a snapshot's chunks into a new directory, which appears when it is complete. */
export async function writeMemorySnapshot(chunks: readonly Uint8Array[], target: string): Promise<void> {
  if (existsSync(target)) {
    throw new StoreDirectoryError(target, 'a snapshot cannot be made where something is already', 'Give a new path')
  }
  const partial = `${target}.partial`
  await mkdir(dirname(target), { recursive: true })
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial)
  const file = await open(join(partial, FILE), 'w')
  try {
    for (const chunk of chunks) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
  await rename(partial, target)
}

/** @throws StoreCorruptError when the directory holds no snapshot of a memory engine, or a damaged one. */
export async function readMemorySnapshot(directory: string): Promise<MemorySnapshot> {
  let bytes: Buffer
  try {
    bytes = await readFile(join(directory, FILE))
  } catch (cause) {
    throw new StoreCorruptError(directory, `it has no readable ${FILE}`, cause)
  }
  const end = bytes.length - DIGEST_SIZE
  const digest = createHash('sha1')
    .update(bytes.subarray(0, Math.max(0, end)))
    .digest()
  if (
    end < MAGIC.length + 4 ||
    bytes.toString('latin1', 0, MAGIC.length) !== MAGIC ||
    !digest.equals(bytes.subarray(end))
  ) {
    throw new StoreCorruptError(directory, `${FILE} is damaged`)
  }
  let at = MAGIC.length + 4
  const headerEnd = at + bytes.readUInt32BE(MAGIC.length)
  const header = JSON.parse(bytes.toString('utf8', at, headerEnd)) as Header
  at = headerEnd
  const stores = header.stores.map((store) => {
    const from = at
    for (let i = 0; i < store.numEntries * 2; i++) at += 4 + bytes.readUInt32BE(at)
    return { ...store, entries: entriesOf(bytes, from, at) }
  })
  const commit = header.changelogOffsets && {
    changelogOffsets: new Map(header.changelogOffsets),
    inputOffsets: new Map(header.inputOffsets),
  }
  return { commit, stores }
}

function* entriesOf(bytes: Buffer, from: number, to: number): Generator<readonly [Uint8Array, Uint8Array]> {
  for (let at = from; at < to; ) {
    const keyEnd = at + 4 + bytes.readUInt32BE(at)
    const valueEnd = keyEnd + 4 + bytes.readUInt32BE(keyEnd)
    yield [bytes.subarray(at + 4, keyEnd), ownCopy(bytes.subarray(keyEnd + 4, valueEnd))]
    at = valueEnd
  }
}
