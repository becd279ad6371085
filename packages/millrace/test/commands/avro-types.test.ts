import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-avro-types-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, schema: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof schema === 'string' ? schema : JSON.stringify(schema))
  return path
}

const money = { type: 'record', name: 'Money', namespace: 'shop', fields: [{ name: 'cents', type: 'long' }] }

test('writes interfaces, enums and the schemas, over several files', async () => {
  const order = {
    type: 'record',
    name: 'shop.Order',
    doc: 'What was bought.',
    fields: [
      { name: 'id', type: 'string', doc: 'A UUID.' },
      { name: 'total', type: 'Money' },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'PAID'] } },
      { name: 'parts', type: { type: 'array', items: ['null', 'Order'] } },
      { name: 'notes', type: { type: 'map', values: 'bytes' } },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'key', type: { type: 'fixed', name: 'Key', size: 16 } },
    ],
  }
  const { code, printed } = await run(['avro-types', file('money.avsc', money), file('order.avsc', order)])
  expect(code).toBe(0)
  expect(printed).toContain(`export interface Money {
  cents: number
}
`)
  expect(printed).toContain(`/** What was bought. */
export interface Order {
  /** A UUID. */
  id: string
  total: Money
  state: State
  parts: (null | Order)[]
  notes: { [key: string]: Buffer }
  at: number
  key: Key
}
`)
  expect(printed).toContain("export type State = 'OPEN' | 'PAID'\n")
  expect(printed).toContain('export type Key = Buffer\n')
  expect(printed).toMatch(/export const orderSchema = \{\n {2}"type": "record",[\s\S]* as const/)
})

test('the types of the example are what the command writes', async () => {
  const example = join(import.meta.dirname, '../../../../examples/meter-readings')
  const { printed } = await run(['avro-types', join(example, 'reading.avsc')])
  expect(`${printed}\n`).toBe(readFileSync(join(example, 'reading.ts'), 'utf8'))
})

test('a schema without a name is called after its file; the same name twice in different namespaces has both', async () => {
  const other = { ...money, namespace: 'bank', fields: [{ name: 'a', type: ['null', 'shop.Money'] }] }
  const out = join(folder, 'types.ts')
  const list = file('daily-totals.avsc', { type: 'array', items: 'Money' })
  await run(['avro-types', file('m.avsc', money), file('o.avsc', other), '--out', out])
  expect(readFileSync(out, 'utf8')).toContain('export interface BankMoney {\n  a: null | Money\n}')
  expect((await run(['avro-types', list])).complained).toContain("the name 'Money' is not defined")
  const totals = file('daily-totals.avsc', { type: 'array', items: 'double' })
  expect((await run(['avro-types', totals])).printed).toContain('export type DailyTotals = number[]\n')
})

test('what is no schema is refused with one line', async () => {
  const different = { ...money, fields: [] }
  for (const [args, message] of [
    [[], 'which files?'],
    [[file('a.avsc', '{')], 'is not JSON'],
    [[file('b.avsc', { fields: [] })], 'it has no type'],
    [[file('c.avsc', money), file('d.avsc', different)], "'shop.Money' is defined twice"],
  ] as const) {
    const { code, complained } = await run(['avro-types', ...args])
    expect(code).not.toBe(0)
    expect(complained).toContain(message)
  }
})
