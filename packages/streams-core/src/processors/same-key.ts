import type { Serde } from '@millrace/serdes'

/** True when two keys are the same: equal primitives, or objects with the same bytes. */
export function sameKey<K>(one: K, other: K, serde: Serde<K> | undefined): boolean {
  if (one === other) return true
  if (serde === undefined || typeof one !== 'object' || typeof other !== 'object') return false
  return sameBytes(serde.serialize('', one), serde.serialize('', other))
}

/** True when both are null or hold the same bytes. */
export function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}
