import { expect, test } from 'vitest'
import { apis, ProtocolError, ProtocolReader } from '../../src/messages/index.ts'

/** A small seeded generator (mulberry32): numbers from 0 up to, not including, 1. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const seed = Number(process.env['SEED'] ?? 7)

test(`any bytes are read as a message or refused with a ProtocolError (seed ${seed})`, () => {
  const random = seeded(seed)
  for (let round = 0; round < 100; round++) {
    for (const api of apis) {
      const bytes = Buffer.alloc(Math.floor(random() * 80))
      // Mostly small bytes: they are taken for lengths and counts, and lead deeper into the message.
      for (let i = 0; i < bytes.length; i++) bytes[i] = random() < 0.7 ? random() * 4 : random() * 256
      const version = api.minVersion + Math.floor(random() * (api.maxVersion - api.minVersion + 1))
      for (const codec of [api.request, api.response]) {
        try {
          codec.read(new ProtocolReader(bytes), version)
        } catch (error) {
          expect(error, `${api.name} v${version} of ${bytes.toString('hex')}`).toBeInstanceOf(ProtocolError)
        }
      }
    }
  }
})
