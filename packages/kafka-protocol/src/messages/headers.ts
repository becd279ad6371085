import type { ProtocolReader, ProtocolWriter } from '../primitives.ts'
import type { Api } from '../schema.ts'

/** What stands before every request. */
export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  /** Chosen by the client; repeated before the answer. */
  readonly correlationId: number
  readonly clientId: string | null
}

/** Reads the fixed part, which is alike for every API and version: enough to find the API. */
export function readRequestHeader(reader: ProtocolReader): RequestHeader {
  const apiKey = reader.int16()
  const apiVersion = reader.int16()
  const correlationId = reader.int32()
  // Not compact even in flexible versions, so that an unknown version can be answered.
  const clientId = reader.string(false)
  return { apiKey, apiVersion, correlationId, clientId }
}

/** Skips the tagged fields with which the header of a flexible request ends. */
export function skipHeaderTags(reader: ProtocolReader, api: Api, version: number): void {
  if (version < api.flexibleFrom) return
  const count = reader.uvarint()
  for (let i = 0; i < count; i++) {
    reader.uvarint()
    reader.raw(reader.uvarint())
  }
}

/** Writes the whole header, tagged fields included. */
export function writeRequestHeader(writer: ProtocolWriter, api: Api, header: RequestHeader): void {
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  writer.string(header.clientId, false)
  if (header.apiVersion >= api.flexibleFrom) writer.uvarint(0)
}

/** ApiVersions is answered with the plain header in every version: the client may not know what the broker speaks. */
function hasResponseTags(api: Api, version: number): boolean {
  return version >= api.flexibleFrom && api.key !== 18
}

/** Returns the correlation id. */
export function readResponseHeader(reader: ProtocolReader, api: Api, version: number): number {
  const correlationId = reader.int32()
  if (hasResponseTags(api, version)) {
    const count = reader.uvarint()
    for (let i = 0; i < count; i++) {
      reader.uvarint()
      reader.raw(reader.uvarint())
    }
  }
  return correlationId
}

export function writeResponseHeader(writer: ProtocolWriter, api: Api, version: number, correlationId: number): void {
  writer.int32(correlationId)
  if (hasResponseTags(api, version)) writer.uvarint(0)
}
