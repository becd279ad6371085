import type { Type } from 'avsc'
import { headerLength, writeHeader } from '../registry/wire-format.ts'
import { type SchemaIssue, schemaViolation } from '../schema-violation.ts'
import { wrongBytes } from '../serialization-error.ts'

type Resolver = ReturnType<Type['createResolver']>

/** Where values are written before their length is known. */
let scratch = Buffer.allocUnsafe(4096)

/** The bytes of a value; after the header with a schema id unless that is undefined. @throws SerializationError */
export function encodeAvro(topic: string, type: Type, value: unknown, schemaId: number | undefined): Uint8Array {
  const start = schemaId === undefined ? 0 : headerLength
  let end: number
  try {
    end = type.encode(value, scratch, start)
    while (end < 0) {
      scratch = Buffer.allocUnsafe(Math.max(scratch.length * 2, scratch.length - end))
      end = type.encode(value, scratch, start)
    }
  } catch (cause) {
    throw schemaViolation(topic, 'avro', 'serialize', issuesOf(type, value, cause), cause)
  }
  const bytes = Buffer.allocUnsafe(end)
  scratch.copy(bytes, start, start, end)
  if (schemaId !== undefined) writeHeader(bytes, schemaId)
  return bytes
}

/** The value of the bytes from `start` on. @throws SerializationError unless they are one value */
export function decodeAvro(
  topic: string,
  type: Type,
  resolver: Resolver | undefined,
  bytes: Uint8Array,
  start: number,
): unknown {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let decoded: { readonly value: unknown; readonly offset: number }
  try {
    decoded = type.decode(buffer, start, resolver)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw wrongBytes(topic, 'avro', `${bytes.length} bytes that are no value of its schema (${reason})`, cause)
  }
  if (decoded.offset === bytes.length) return decoded.value
  const what = decoded.offset < 0 ? 'end too early' : `go on after the value, which ends at ${decoded.offset}`
  throw wrongBytes(topic, 'avro', `${bytes.length} bytes that ${what}`)
}

/** Where a value differs from its schema. */
function issuesOf(type: Type, value: unknown, cause: unknown): readonly SchemaIssue[] {
  const issues: SchemaIssue[] = []
  type.isValid(value, {
    errorHook: (path, found, wanted) => {
      const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
      issues.push({ path: steps, message: `needs ${String(wanted)}, found ${String(found)}` })
    },
  })
  return issues.length > 0 ? issues : [{ message: cause instanceof Error ? cause.message : String(cause) }]
}
