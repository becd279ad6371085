import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A record as the Java client decoded it. */
export interface VectorRecord {
  readonly offset: number
  readonly timestamp: number
  readonly sequence: number
  readonly keyHex: string | null
  /** Hex, or `sha256:<length>:<digest>` when long; null for a tombstone. */
  readonly valueHex: string | null
  readonly headers: readonly { readonly key: string; readonly valueHex: string | null }[]
}

/** A batch as the Java client decoded it. */
export interface VectorBatch {
  readonly position: number
  readonly sizeInBytes: number
  readonly baseOffset: number
  readonly partitionLeaderEpoch: number
  readonly crc: number
  readonly attributes: number
  readonly compression: string
  readonly timestampType: string
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
  readonly records: readonly VectorRecord[]
}

/** One file of batches. */
export interface Vector {
  readonly file: string
  readonly batches: readonly VectorBatch[]
}

const folder = new URL('./', import.meta.url)

export const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('vectors.json', folder), 'utf8'))

export function vectorBytes(file: string): Uint8Array {
  return readFileSync(new URL(file, folder))
}

/** Bytes in the form in which `vectors.json` gives values. */
export function describeBytes(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  if (bytes.length <= 128) return Buffer.from(bytes).toString('hex')
  return `sha256:${bytes.length}:${createHash('sha256').update(bytes).digest('hex')}`
}
