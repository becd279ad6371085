/**
 * Keys and values as JSON: bigints as decimal texts, bytes as base64, Maps and Sets as arrays; else as `JSON.stringify` has
 * them.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: { readonly [key: string]: unknown }, key, encoded: unknown) {
    // Buffers have a toJSON of their own, which has run already: look at what was there before.
    const given = this[key]
    if (given instanceof Uint8Array) return Buffer.from(given).toString('base64')
    if (typeof encoded === 'bigint') return encoded.toString()
    if (encoded instanceof Map || encoded instanceof Set) return [...encoded]
    return encoded
  })
}
