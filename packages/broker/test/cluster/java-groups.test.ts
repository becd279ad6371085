import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { NamedTopicPartitions } from '@millrace/log-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'

// Kafka's own consumers and tools against our broker. KAFKA_RIG is the command that runs them.

const rig = process.env['KAFKA_RIG']
const patience = { timeout: 60_000, interval: 100 }

describe.runIf(rig !== undefined)('Java consumers in a group', { timeout: 180_000 }, () => {
  let broker: Broker
  let directory: string
  const running: ChildProcess[] = []

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-java-groups-'))
    const configs = { 'group.consumer.heartbeat.interval.ms': '500' }
    broker = await startBroker({ dir: join(directory, 'data'), configs })
    broker.engine.createTopic({ name: 'in', partitions: 4 })
  })

  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL')
    await broker.close()
    rmSync(directory, { recursive: true })
  })

  /** Whatever the tool leaves behind goes to the test's folder. */
  const environment = () => ({
    ...process.env,
    KAFKA_RIG_DIR: join(directory, 'rig'),
    KAFKA_RIG_LIB: process.env['KAFKA_RIG_LIB'] ?? join(tmpdir(), 'kafka-rig-lib'),
  })

  /** What a tool prints until it ends. */
  async function run(args: readonly string[], input = ''): Promise<string> {
    const child = spawn(rig!, ['tool', ...args], { env: environment(), stdio: ['pipe', 'pipe', 'ignore'] })
    running.push(child)
    child.stdin.end(input)
    return text(child.stdout)
  }

  /** A consumer of topic `in`; `lines` fills with the values that it reads. */
  function consume(properties: Record<string, string>): { readonly child: ChildProcess; readonly lines: string[] } {
    const settings = Object.entries(properties).flatMap(([name, value]) => ['--command-property', `${name}=${value}`])
    const args = ['tool', 'ConsoleConsumer', '--bootstrap-server', broker.address, '--topic', 'in', ...settings]
    const child = spawn(rig!, args, { env: environment(), stdio: ['ignore', 'pipe', 'ignore'] })
    running.push(child)
    const lines: string[] = []
    createInterface(child.stdout!).on('line', (line) => lines.push(line))
    return { child, lines }
  }

  const classic = (assignor: string) => ({
    'partition.assignment.strategy': `org.apache.kafka.clients.consumer.${assignor}`,
    'heartbeat.interval.ms': '500',
  })
  const protocols = {
    eager: classic('RangeAssignor'),
    cooperative: classic('CooperativeStickyAssignor'),
    kip848: { 'group.protocol': 'consumer' },
  }

  test.each(Object.entries(protocols))('%s: two share the partitions, one takes over', async (groupId, protocol) => {
    const { engine, address } = broker
    const described = () => engine.groups.describe(groupId) ?? engine.consumerGroups.describe(groupId)
    const properties = { 'group.id': groupId, 'auto.offset.reset': 'latest', ...protocol }
    const first = consume(properties)
    await expect.poll(() => described()?.state, patience).toBe('Stable')
    const second = consume(properties)
    const assigned = () => described()?.members.map(({ assignment }) => partitionsOf(assignment).length)
    await expect.poll(assigned, patience).toEqual([2, 2])
    const members = [
      'ConsumerGroupCommand',
      '--bootstrap-server',
      address,
      '--describe',
      '--group',
      groupId,
      '--members',
    ]
    expect((await run(members)).match(new RegExp(`^${groupId} `, 'gm'))).toHaveLength(2)

    // Consumers that have just been given partitions look up where these end: what is sent from then on they read.
    await expect.poll(() => engine.fetchOffsets(groupId, null).length, patience).toBe(4)
    const values = Array.from({ length: 100 }, (_, i) => `${groupId}-${i}`)
    const keyed = values.map((value, i) => `key${i}:${value}\n`).join('')
    const producer = ['ConsoleProducer', '--bootstrap-server', address, '--topic', 'in']
    await run([...producer, '--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'], keyed)
    await expect.poll(() => [...first.lines, ...second.lines].length, patience).toBe(100)
    expect([...first.lines, ...second.lines].sort()).toEqual([...values].sort())
    expect(Math.min(first.lines.length, second.lines.length)).toBeGreaterThan(0)

    first.child.kill('SIGTERM')
    await expect.poll(assigned, patience).toEqual([4])
    const before = second.lines.length
    await run([...producer, '--reader-property', 'parse.key=true', '--reader-property', 'key.separator=:'], keyed)
    await expect.poll(() => second.lines.length, patience).toBe(before + 100)
    second.child.kill('SIGTERM')
    await expect.poll(() => described()?.state, patience).toBe('Empty')
    expect(engine.fetchOffsets(groupId, null).reduce((sum, { offset }) => sum + offset, 0)).toBe(endOfTopic())
  })

  test('Kafka’s tools describe, reset and delete the groups, and read their records', async () => {
    const command = (...args: string[]) => run(['ConsumerGroupCommand', '--bootstrap-server', broker.address, ...args])
    expect((await command('--list', '--state')).match(/^(cooperative|eager|kip848) .*Empty/gm)).toHaveLength(3)
    expect(await command('--describe', '--group', 'cooperative')).toMatch(/cooperative\s+in\s+0\s+\d+\s+\d+\s+\d+/)
    expect(await command('--describe', '--group', 'kip848')).toMatch(/kip848\s+in\s+0\s+\d+\s+\d+\s+0/)
    const reset = ['--reset-offsets', '--to-earliest', '--topic', 'in', '--execute']
    await command('--group', 'eager', ...reset)
    expect(broker.engine.fetchOffsets('eager', null).map(({ offset }) => offset)).toEqual([0, 0, 0, 0])
    expect(await command('--group', 'eager', '--delete-offsets', '--topic', 'in:0')).toContain('Successful')
    expect(broker.engine.fetchOffsets('eager', null)).toHaveLength(3)
    expect(await command('--group', 'eager', '--delete')).toContain('successful')
    expect(broker.engine.groups.list().map(({ groupId }) => groupId)).toEqual(['cooperative', 'kip848'])

    const segment = join(directory, 'data', '__consumer_offsets-0', '00000000000000000000.log')
    const dump = await run(['DumpLogSegments', '--offsets-decoder', '--files', segment])
    expect(dump).toMatch(
      /"group":"cooperative"}} payload: {"version":"3","data":{"protocolType":"consumer","generation":1,/,
    )
    expect(dump).toMatch(
      /"protocol":"range","leader":"console-consumer-.*"assignedPartitions":\[{"topic":"in","partitions":/,
    )
    expect(dump).toMatch(/"group":"eager"}} payload: <DELETE>/)
    expect(dump).toMatch(/"groupId":"kip848","memberId":"[^"]+"}}.*"subscribedTopicNames":\["in"\]/)
    expect(dump).toMatch(/"groupId":"kip848","memberId":"[^"]+"}}.*"memberEpoch":2,.*"assignedPartitions":\[{/)
    expect(dump).not.toMatch(/isvalid: false/)
  })

  const endOfTopic = (): number =>
    [0, 1, 2, 3]
      .map((partition) => broker.engine.listOffset({ topic: 'in', partition }, 'latest').offset)
      .reduce((sum, offset) => sum + offset, 0)
})

/** The partitions of the one topic in a consumer's assignment: bytes of the clients' own, or what the broker has assigned. */
function partitionsOf(assignment: Uint8Array | readonly NamedTopicPartitions[]): readonly number[] {
  if (!(assignment instanceof Uint8Array)) return assignment.flatMap(({ partitions }) => partitions)
  const bytes = Buffer.from(assignment)
  if (bytes.length < 6 || bytes.readInt32BE(2) === 0) return []
  const count = 6 + 2 + bytes.readInt16BE(6)
  return Array.from({ length: bytes.readInt32BE(count) }, (_, i) => bytes.readInt32BE(count + 4 + 4 * i))
}
