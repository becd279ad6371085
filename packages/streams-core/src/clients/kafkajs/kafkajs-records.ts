import type { Headers } from '@millrace/serdes'
import type { IHeaders, Message } from 'kafkajs'

/** A record as kafkajs sends it, with bytes of its own. */
export function toMessage(
  partition: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number,
  headers: Headers,
): Message {
  return {
    partition,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp: String(timestamp),
    ...(headers.size === 0 ? {} : { headers: toKafkaJsHeaders(headers) }),
  }
}

/** Of `Message` in bytes, more or less. */
export function estimateBytes(key: Uint8Array | null, value: Uint8Array | null, headers: Headers): number {
  let bytes = 24 + (key?.byteLength ?? 0) + (value?.byteLength ?? 0)
  if (headers.size === 0) return bytes
  for (const header of headers.toArray()) bytes += 4 + header.key.length + (header.value?.byteLength ?? 0)
  return bytes
}

/**
 * kafkajs keeps headers by name: those of one name stay in order, names come in the order of their first. It cannot write
 * null, which becomes empty bytes.
 */
function toKafkaJsHeaders(headers: Headers): IHeaders {
  const byName = new Map<string, Buffer[]>()
  for (const { key, value } of headers.toArray()) {
    const bytes = Buffer.from(value ?? [])
    const own = byName.get(key)
    if (own === undefined) byName.set(key, [bytes])
    else own.push(bytes)
  }
  return Object.fromEntries(byName)
}
