import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { avroSerde } from '@millrace/serdes/avro'
import { jsonSchemaSerde } from '@millrace/serdes/json-schema'
import { SchemaRegistryClient } from '@millrace/serdes/schema-registry'
import { expect, test } from 'vitest'
import { startServer } from '../registry-server.ts'

// Needs Python 3 with confluent-kafka, or Python 3 that can install it (once, under node_modules/.cache). Elsewhere the
// test does not run, and says so.

const script = fileURLToPath(new URL('./python-clients.py', import.meta.url))
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/millrace-python', import.meta.url))
const python = findPython()
if (python === undefined) console.warn('Not run: there is no Python with confluent-kafka, and it cannot be installed.')

test.runIf(python !== undefined)(
  'confluent-kafka’s serializers for Python and our serdes read each other',
  async () => {
    const { url } = await startServer()
    const registry = new SchemaRegistryClient({ url })
    const orders = avroSerde({
      registry,
      schema: {
        type: 'record',
        name: 'Order',
        namespace: 'shop',
        fields: [
          { name: 'id', type: 'long' },
          { name: 'note', type: ['null', 'string'], default: null },
        ],
      },
    })
    await orders.prepare!('orders', 'serialize')
    const written = Buffer.from(orders.serialize('orders', { id: 7, note: null })!).toString('hex')
    const { stdout } = await promisify(execFile)(python!, [script, url, written])
    const result = JSON.parse(stdout) as Record<string, unknown> & { orderWritten: string; tripWritten: string }
    expect(result).toMatchObject({
      orderRead: { id: 7, note: null },
      tripRead: { km: 12 },
      subjects: ['orders-value', 'trips-value'],
      versions: [1],
      latest: [1, 1],
      isCompatible: false,
      refused: [409, 409],
      missing: [404, 40403],
      level: 'NONE',
      found: 1,
      deleted: [1],
    })
    expect(orders.deserialize('orders', Buffer.from(result.orderWritten, 'hex'))).toEqual({ id: 8, note: 'by Python' })
    const trips = jsonSchemaSerde({ registry })
    const trip = Buffer.from(result.tripWritten, 'hex')
    await expect.poll(() => attempt(() => trips.deserialize('trips', trip))).toEqual({ km: 12 })
  },
  180_000,
)

function findPython(): string | undefined {
  const installed = `${cache}/bin/python`
  for (const candidate of ['python3', installed]) if (hasSerializers(candidate)) return candidate
  try {
    const options = { stdio: 'ignore', timeout: 120_000 } as const
    execFileSync('python3', ['-m', 'venv', cache], options)
    execFileSync(installed, ['-m', 'pip', 'install', '-q', 'confluent-kafka[avro,json,schema-registry]'], options)
  } catch {
    return undefined
  }
  return hasSerializers(installed) ? installed : undefined
}

function hasSerializers(command: string): boolean {
  const modules = 'import confluent_kafka.schema_registry.avro, confluent_kafka.schema_registry.json_schema'
  try {
    execFileSync(command, ['-c', modules], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}
