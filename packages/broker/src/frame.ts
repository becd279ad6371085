import type { ProtocolWriter } from '@millrace/kafka-protocol/messages'

/** The chunks of a message whose first four bytes were left for its size. */
export function frameOf(writer: ProtocolWriter): Uint8Array[] {
  const size = writer.size - 4
  const chunks = writer.finish()
  const first = chunks[0]!
  new DataView(first.buffer, first.byteOffset, 4).setInt32(0, size)
  return chunks
}
