// Confluent's wire format:
//
//   | 0x00 | schema id, int32 BE | payload … |

import { wrongBytes } from '../serialization-error.ts'

/** Bytes before the payload. */
export const headerLength = 5

/** Writes the header at the beginning of a buffer. */
export function writeHeader(bytes: Uint8Array, schemaId: number): void {
  bytes[0] = 0
  bytes[1] = schemaId >>> 24
  bytes[2] = schemaId >>> 16
  bytes[3] = schemaId >>> 8
  bytes[4] = schemaId
}

/** The schema id of a record's bytes. @throws SerializationError when they do not begin with the header */
export function readSchemaId(topic: string, serde: string, bytes: Uint8Array): number {
  if (bytes.length < headerLength) {
    throw wrongBytes(topic, serde, `${bytes.length} bytes, too few for the header with the schema's id`)
  }
  if (bytes[0] !== 0) {
    throw wrongBytes(topic, serde, `bytes that begin with ${bytes[0]} instead of 0 and the schema's id`)
  }
  return (bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!
}
