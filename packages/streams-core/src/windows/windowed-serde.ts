import type { Serde, SerdeUse } from '@millrace/serdes'
import { rawTimestamp, sessionEnd, sessionKey, sessionKeyBytes, sessionStart, windowKey } from '@millrace/state-stores'
import { UNLIMITED_END } from './unlimited-windows.ts'
import type { Windowed } from './window.ts'

/** A serde of keys with their window. Records are partitioned by the key alone, which `inner` writes. */
export abstract class WindowedSerde<K> implements Serde<Windowed<K>> {
  abstract readonly name: string
  readonly inner: Serde<K>

  constructor(inner: Serde<K>) {
    this.inner = inner
  }

  async prepare(topic: string, use: SerdeUse): Promise<void> {
    await this.inner.prepare?.(topic, use)
  }

  abstract serialize(topic: string, windowed: Windowed<K> | null): Uint8Array | null
  abstract deserialize(topic: string, bytes: Uint8Array | null): Windowed<K> | null
}

/**
 * Keys with time windows of one size.
 *
 *   | key | window start, Unix ms, int64 BE |
 *
 * The end is not written: it is the start plus the window size.
 * @see org.apache.kafka.streams.kstream.WindowedSerdes.TimeWindowedSerde (same bytes)
 */
export class TimeWindowedSerde<K> extends WindowedSerde<K> {
  override readonly name = 'time-windowed key'
  readonly windowSizeMs: number

  constructor(inner: Serde<K>, windowSizeMs: number) {
    super(inner)
    this.windowSizeMs = windowSizeMs
  }

  override serialize(topic: string, windowed: Windowed<K> | null): Uint8Array | null {
    const key = windowed === null ? null : this.inner.serialize(topic, windowed.key)
    return key === null ? null : windowKey(key, windowed!.window.start, 0).slice(0, -4)
  }

  override deserialize(topic: string, bytes: Uint8Array | null): Windowed<K> | null {
    if (bytes === null || bytes.length === 0) return null
    const keyEnd = bytes.length - 8
    const start = rawTimestamp(bytes.subarray(keyEnd))
    const window = { start, end: Math.min(start + this.windowSizeMs, UNLIMITED_END) }
    return { key: this.inner.deserialize(topic, bytes.subarray(0, keyEnd)) as K, window }
  }
}

/**
 * Keys with sessions.
 *
 *   | key | session end, Unix ms, int64 BE | session start, Unix ms, int64 BE |
 *
 * @see org.apache.kafka.streams.kstream.WindowedSerdes.SessionWindowedSerde (same bytes)
 */
export class SessionWindowedSerde<K> extends WindowedSerde<K> {
  override readonly name = 'session-windowed key'

  override serialize(topic: string, windowed: Windowed<K> | null): Uint8Array | null {
    const key = windowed === null ? null : this.inner.serialize(topic, windowed.key)
    return key === null ? null : sessionKey(key, windowed!.window.start, windowed!.window.end)
  }

  override deserialize(topic: string, bytes: Uint8Array | null): Windowed<K> | null {
    if (bytes === null || bytes.length === 0) return null
    const window = { start: sessionStart(bytes), end: sessionEnd(bytes) }
    return { key: this.inner.deserialize(topic, sessionKeyBytes(bytes)) as K, window }
  }
}

/** Serdes of windowed keys, to write and read topics of windowed results. @see org.apache.kafka.streams.kstream.WindowedSerdes */
export const WindowedSerdes = {
  timeWindowedSerdeFrom: <K>(inner: Serde<K>, windowSizeMs: number) => new TimeWindowedSerde(inner, windowSizeMs),
  sessionWindowedSerdeFrom: <K>(inner: Serde<K>) => new SessionWindowedSerde(inner),
} as const
