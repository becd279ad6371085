import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { apiByKey, apis, ProtocolReader, ProtocolWriter } from '../../src/messages/index.ts'

// Made by vectors/MessageVectors.java: every message in every version, as Kafka's own classes write it.
const lines = gunzipSync(readFileSync(new URL('../vectors/messages.tsv.gz', import.meta.url)))
  .toString()
  .trimEnd()
  .split('\n')

const vectors = lines.map((line) => {
  const [key = '', direction = '', version = '', value = '', bytes = ''] = line.split('\t')
  return {
    key: Number(key),
    direction,
    version: Number(version),
    value: JSON.parse(value),
    bytes: Buffer.from(bytes, 'base64'),
  }
})

/** The message as Kafka's JSON shows it: bytes as base64, 64-bit numbers as numbers; keeps only what `like` has. */
function asJson(value: unknown, like: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map((one, i) => asJson(one, Array.isArray(like) ? like[i] : undefined))
  if (typeof value !== 'object' || value === null || typeof like !== 'object' || like === null) return value
  const values = value as Record<string, unknown>
  return Object.fromEntries(Object.entries(like).map(([name, one]) => [name, asJson(values[name], one)]))
}

for (const api of apis) {
  const own = vectors.filter((vector) => vector.key === api.key)

  test(`${api.name} reads what Java writes and writes the same bytes, versions ${api.minVersion} to ${api.maxVersion}`, () => {
    for (let version = api.minVersion; version <= api.maxVersion; version++) {
      expect(own.filter((vector) => vector.version === version)).toHaveLength(6)
    }
    for (const { direction, version, value, bytes } of own) {
      const codec = direction === 'request' ? api.request : api.response
      const reader = new ProtocolReader(bytes)
      const message = codec.read(reader, version)
      expect(reader.remaining, `${direction} v${version}`).toBe(0)
      expect(asJson(message, value), `${direction} v${version}`).toEqual(value)
      const writer = new ProtocolWriter(16)
      codec.write(writer, message as never, version)
      expect(Buffer.from(writer.finishWhole()).toString('hex'), `${direction} v${version}`).toBe(bytes.toString('hex'))
    }
  })
}

test('no vector is of an API that is not implemented', () => {
  expect(vectors.filter((vector) => apiByKey(vector.key) === undefined)).toEqual([])
})
