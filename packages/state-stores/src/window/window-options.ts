import { StoreConfigError } from '../store-error.ts'

/** Settings of a window store. */
export interface WindowStoreOptions {
  readonly name: string
  /** How far below stream time a window's start may lie, ms. */
  readonly retentionMs: number
  readonly windowSizeMs: number
  /** True: several values a window, for stream-stream joins. Default false. */
  readonly retainDuplicates?: boolean
}

/** Checks what Java checks. @throws StoreConfigError */
export function checkWindowOptions(options: WindowStoreOptions): void {
  const { name, retentionMs, windowSizeMs } = options
  if (!(retentionMs >= 0)) {
    throw new StoreConfigError(name, `retentionMs is ${retentionMs}`, 'Give a number of milliseconds, 0 or more')
  }
  if (!(windowSizeMs >= 0)) {
    throw new StoreConfigError(name, `windowSizeMs is ${windowSizeMs}`, 'Give a number of milliseconds, 0 or more')
  }
  if (windowSizeMs > retentionMs) {
    throw new StoreConfigError(
      name,
      `the retention (${retentionMs} ms) is smaller than the window (${windowSizeMs} ms)`,
      'Raise the retention to the window size at least',
    )
  }
}

/** Java's default: two to three live segments. Ms. */
export function defaultSegmentInterval(retentionMs: number): number {
  return Math.max(Math.trunc(retentionMs / 2), 60_000)
}

/** @throws StoreConfigError unless the interval is at least a millisecond. */
export function checkSegmentInterval(storeName: string, segmentIntervalMs: number): number {
  if (!(segmentIntervalMs >= 1)) {
    throw new StoreConfigError(storeName, `segmentIntervalMs is ${segmentIntervalMs}`, 'Give 1 ms or more')
  }
  return segmentIntervalMs
}

/** The sequence number after another: it wraps at 2^31. */
export function nextSeqnum(seqnum: number): number {
  return (seqnum + 1) & 0x7fff_ffff
}
