import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordingListener } from '../../src/clients/conformance/suite.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { bundledMain } from '../bundled-main.ts'

// A function of the user that blocks the event loop. The broker is in another process, so that it goes on meanwhile.

let broker: ChildProcessByStdio<Writable, Readable, null>
let bootstrapServers: string

beforeAll(async () => {
  const main = await bundledMain(new URL('../clients/blocked/', import.meta.url), 'broker-main')
  broker = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(broker.stdout, 'data')
  bootstrapServers = String(line).trim()
}, 60_000)

afterAll(async () => {
  const exited = once(broker, 'exit')
  broker.stdin.end()
  await exited
})

async function member(overrides: { readonly sessionTimeoutMs: number; readonly rebalanceTimeoutMs: number }) {
  const options = { bootstrapServers, heartbeatIntervalMs: 50, ...overrides }
  const groupId = `g-${overrides.rebalanceTimeoutMs}`
  const consumer = nativeClientSupplier(options).consumer({ groupId, clientId: 'c', isolation: 'read_committed' })
  const listener = recordingListener(consumer)
  consumer.subscribe(['t'], listener)
  while (listener.owned.length === 0) await consumer.poll(20)
  return { consumer, listener }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('a member keeps its partitions while the event loop is blocked for twice the session time-out', async () => {
  const { consumer, listener } = await member({ sessionTimeoutMs: 1000, rebalanceTimeoutMs: 60_000 })
  const before = consumer.groupMetadata()
  block(2000)
  for (let polls = 0; polls < 10; polls += 1) await consumer.poll(20)
  expect(consumer.groupMetadata()).toEqual(before)
  expect(listener.heard).toEqual(['assigned 0'])
  await consumer.close()
})

test('beyond the longest time between two polls it does not: it leaves, and enters anew', async () => {
  const { consumer, listener } = await member({ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 300 })
  const before = consumer.groupMetadata()
  block(600)
  while (listener.heard.length < 3) await consumer.poll(20)
  expect(listener.heard).toEqual(['assigned 0', 'lost 0', 'assigned 0'])
  expect(consumer.groupMetadata().memberId).not.toBe(before.memberId)
  await consumer.close()
})
