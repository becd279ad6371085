import { StoreCorruptError } from '../store-error.ts'
import type { LevelDatabase } from './level-database.ts'
import { MARKER_BOUNDS, markerKey, markerSequence } from './level-keys.ts'

/** As many batches back as LevelDB's log can hold in practice. */
const MARKERS_KEPT = 4096

interface Batch {
  put(key: Uint8Array, value: Uint8Array): unknown
  del(key: Uint8Array): unknown
}

const EMPTY = new Uint8Array()

/**
 * Adds to a batch the mark that it was written.
 *
 * LevelDB skips damaged parts in the middle of its log (after a loss of power, say) and goes on behind them, so that a batch can
 * be missing below newer ones. The data would then agree with no offset; the missing mark tells.
 */
export function markBatch(batch: Batch, sequence: number): void {
  batch.put(markerKey(sequence), EMPTY)
  if (sequence > MARKERS_KEPT) batch.del(markerKey(sequence - MARKERS_KEPT))
}

/** @throws StoreCorruptError when one of the last batches is missing. */
export async function checkMarkers(database: LevelDatabase, directory: string, lastSequence: number): Promise<void> {
  let expected = Math.max(1, lastSequence - MARKERS_KEPT + 1)
  for await (const key of database.keys(MARKER_BOUNDS)) {
    const sequence = markerSequence(key)
    if (sequence !== expected) throw missing(directory, expected)
    expected++
  }
  if (expected !== lastSequence + 1) throw missing(directory, expected)
}

function missing(directory: string, sequence: number): StoreCorruptError {
  return new StoreCorruptError(directory, `batch ${sequence} is missing, though newer ones are there`)
}
