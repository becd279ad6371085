import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../../src/command-line.ts'
import { run } from '../run.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-broker-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Runs `millrace broker` until `work` is done with its address, or what else it prints first as `begins`. */
async function withBroker(
  args: readonly string[],
  work: (address: string) => Promise<void>,
  begins = 'listening on ',
): Promise<void> {
  const stop = new AbortController()
  let running: Promise<number> | undefined
  const address = await new Promise<string>((resolve, reject) => {
    running = runCommand(['broker', '--port', '0', ...args], {
      print: (text) => text.startsWith(begins) && resolve(text.slice(begins.length)),
      complain: (text) => reject(new Error(text)),
      input: (async function* () {})(),
      stopped: stop.signal,
    })
  })
  await work(address)
  stop.abort()
  expect(await running).toBe(0)
}

test('says where it listens, keeps what it got, and stops when asked to', async () => {
  const dir = ['--dir', join(folder, 'data')]
  await withBroker(dir, async (address) => {
    await run(['produce', 't', '--bootstrap', address], 'kept\n')
  })
  await withBroker(dir, async (address) => {
    const read = await run(['consume', 't', '--from-beginning', '--until-end', '--bootstrap', address])
    expect(read.printed).toBe('kept')
  })
})

test('takes configs, users and listeners from a file', async () => {
  const file = join(folder, 'broker.json')
  const users = [
    { name: 'alice', password: 'secret', mechanisms: ['SCRAM-SHA-256'] },
    { name: 'alice', password: 'other', mechanisms: ['PLAIN'] },
  ]
  const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256']
  const listeners = [{ host: '127.0.0.1', port: 0, sasl: true }]
  writeFileSync(file, JSON.stringify({ configs: { 'num.partitions': 3 }, users, saslMechanisms, listeners }))
  const client = join(folder, 'client.json')
  const sasl = { mechanism: 'SCRAM-SHA-256', username: 'alice', password: 'secret' }
  writeFileSync(client, JSON.stringify({ sasl }))
  await withBroker(['--memory', '--config', file], async (address) => {
    const created = await run(['topics', 'create', 't', '--bootstrap', address, '--client-config', client])
    expect(created.printed).toBe('created topic t')
    const listed = await run(['topics', 'list', '--json', '--bootstrap', address, '--client-config', client])
    expect(JSON.parse(listed.printed)).toEqual([{ topic: 't', partitions: 3, replicas: 1 }])
    expect((await run(['topics', 'delete', 't', '--bootstrap', address])).code).toBe(1)
  })
})

test('brings a schema registry, whose schemas it keeps', async () => {
  const registry = ['--dir', join(folder, 'data'), '--registry', '0']
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ schema: '"string"' })
  await withBroker(
    registry,
    async (url) => {
      const answer = await fetch(`${url}/subjects/t-value/versions`, { method: 'POST', headers, body })
      expect(await answer.json()).toMatchObject({ id: 1 })
    },
    'registry on ',
  )
  await withBroker(
    registry,
    async (url) => {
      expect(await (await fetch(`${url}/schemas/ids/1`)).json()).toEqual({ schema: '"string"' })
    },
    'registry on ',
  )
  const twice = await run(['broker', '--memory', '--registry', '--registry', 'x'])
  expect(twice).toMatchObject({ code: 2, printed: '' })
})

test('a listener that is open to the network, or a directory in use, is refused with one line', async () => {
  const open = await run(['broker', '--memory', '--host', '0.0.0.0', '--port', '0'])
  expect(open).toMatchObject({ code: 1, printed: '' })
  expect(open.complained).toContain('open to everybody')
  const dir = ['--dir', join(folder, 'data')]
  await withBroker(dir, async () => {
    const second = await run(['broker', '--port', '0', ...dir])
    expect(second.code).toBe(1)
    expect(second.complained.split('\n')).toHaveLength(1)
  })
})

test.runIf(process.platform === 'linux')('a directory that nobody can make is refused in one line', async () => {
  const { code, complained } = await run(['broker', '--port', '0', '--dir', '/proc/millrace/log'])
  expect(code).toBe(1)
  expect(complained).toMatch(/^[^\n]*\/proc\/millrace\/log[^\n]*$/)
})
