import { UsageError } from './command.ts'

/** How bytes are written as text, by the names of `Serdes`. */
export type ValueType = 'string' | 'int32' | 'int64' | 'float64' | 'hex' | 'base64'

const valueTypes: readonly ValueType[] = ['string', 'int32', 'int64', 'float64', 'hex', 'base64']

/** @throws UsageError for a name that is none of them */
export function valueTypeOf(name = 'string'): ValueType {
  const type = valueTypes.find((one) => one === name)
  if (type === undefined) throw new UsageError(`'${name}' is no type of keys and values: ${valueTypes.join(', ')}`)
  return type
}

/** @throws UsageError when the text is not of the type */
export function bytesOf(text: string, type: ValueType): Uint8Array {
  switch (type) {
    case 'string':
      return Buffer.from(text)
    case 'hex':
    case 'base64':
      return Buffer.from(text, type)
    default:
      return numberBytes(text, type)
  }
}

function numberBytes(text: string, type: 'int32' | 'int64' | 'float64'): Uint8Array {
  const bytes = Buffer.alloc(type === 'int32' ? 4 : 8)
  try {
    if (type === 'int32') bytes.writeInt32BE(Number(text))
    else if (type === 'int64') bytes.writeBigInt64BE(BigInt(text))
    else bytes.writeDoubleBE(Number(text))
    return bytes
  } catch {
    throw new UsageError(`'${text}' is no ${type}`)
  }
}

/** The text of bytes; bytes that are not of the type are shown in base64. */
export function textOf(bytes: Uint8Array, type: ValueType): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (type === 'int32' && buffer.length === 4) return `${buffer.readInt32BE()}`
  if (type === 'int64' && buffer.length === 8) return `${buffer.readBigInt64BE()}`
  if (type === 'float64' && buffer.length === 8) return `${buffer.readDoubleBE()}`
  if (type === 'hex') return buffer.toString('hex')
  if (type === 'string') {
    const text = buffer.toString()
    // Text that is not UTF-8 would lose bytes.
    if (!text.includes('\ufffd') || Buffer.from(text).equals(buffer)) return text
  }
  return `base64:${buffer.toString('base64')}`
}
