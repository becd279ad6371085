import { UNLIMITED_END } from '@millrace/streams-core'

/**
 * A value of a case: any JSON value, or a windowed key. There is one kind of number: an integer is a `number` without a
 * fraction, and −0 is 0.
 */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [field: string]: Value }

/** A key within a window, as the library hands it out. */
export interface WindowedValue {
  readonly key: Value
  readonly window: { readonly start: number; readonly end: number }
}

/** An object of JSON: neither null, nor a list, nor a windowed key. */
export function isObject(x: unknown): x is { readonly [field: string]: Value } {
  return typeof x === 'object' && x !== null && !Array.isArray(x) && !isWindowed(x)
}

/** True for a windowed key, which has the fields `key` and `window` and no other. */
export function isWindowed(x: unknown): x is WindowedValue {
  if (typeof x !== 'object' || x === null || !('key' in x) || !('window' in x)) return false
  const { window } = x
  return typeof window === 'object' && window !== null && 'start' in window && 'end' in window
}

/** The end of a windowed key; for an unlimited window the greatest long, as a decimal string. */
export function endOf(windowed: WindowedValue): number | string {
  const { end } = windowed.window
  return end === UNLIMITED_END ? '9223372036854775807' : end
}

/** A windowed key as cases write it: `{"key":k,"start":s,"end":e}`. */
export function windowedAsObject(x: WindowedValue): Value {
  return { key: x.key, start: x.window.start, end: endOf(x) }
}

/** True for what a timestamped store holds: an object with the fields `value` and `timestamp` and no other. */
export function isTimestamped(x: unknown): x is { readonly value: Value; readonly timestamp: number } {
  return typeof x === 'object' && x !== null && 'value' in x && 'timestamp' in x && Object.keys(x).length === 2
}

export function isInteger(x: unknown): x is number {
  return Number.isInteger(x)
}

/** Deep equality; the order of an object's fields does not matter. */
export function equals(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => equals(x, b[i]))
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const fields = Object.keys(left)
  return (
    fields.length === Object.keys(right).length &&
    fields.every((field) => Object.hasOwn(right, field) && equals(left[field], right[field]))
  )
}

/** The same number without a negative zero. */
export function normalised(x: number): number {
  return x === 0 ? 0 : x
}
