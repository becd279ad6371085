import { expect, test } from 'vitest'
import { settleTables, type TableDemand, type TableShape } from '../../src/topology/tables.ts'

function settle(shapes: readonly TableShape[], demands: readonly (readonly [number, TableDemand['want']])[]) {
  const tables = shapes.map((shape, id) => ({ id, shape, operator: () => undefined as never }))
  return settleTables(
    tables,
    demands.map(([table, want]) => ({ table, want })),
  )
}

const source: TableShape = { kind: 'source', storeName: 's', queryable: false }
const filter: TableShape = { kind: 'derived', parent: 0, storeName: undefined, isFilter: true }

test('a source that no one reads has no store', () => {
  expect(settle([source], [[0, 'made']])).toMatchObject([{ storeName: undefined, sendOldValues: false }])
})

test('a reader of rows makes the source above it keep them', () => {
  const facts = settle(
    [source, { ...filter, isFilter: false }],
    [
      [0, 'made'],
      [1, 'made'],
      [1, 'rows'],
    ],
  )
  expect(facts).toMatchObject([
    { storeName: 's', sendOldValues: false },
    { storeName: undefined, sendOldValues: false, readerStoreNames: ['s'] },
  ])
})

test('a filter has old values only where the source had a store by then', () => {
  expect(
    settle(
      [source, filter],
      [
        [0, 'made'],
        [0, 'rows'],
        [1, 'made'],
      ],
    )[1],
  ).toMatchObject({ sendOldValues: true })
  expect(
    settle(
      [source, filter],
      [
        [0, 'made'],
        [1, 'made'],
        [0, 'rows'],
      ],
    )[1],
  ).toMatchObject({ sendOldValues: false })
})

test('old values asked for are forced down to the source', () => {
  expect(
    settle(
      [source, filter],
      [
        [0, 'made'],
        [1, 'made'],
        [1, 'old-values'],
      ],
    ),
  ).toMatchObject([
    { storeName: 's', sendOldValues: true },
    { storeName: undefined, sendOldValues: true },
  ])
})

test('a materialised table takes old values from its own store', () => {
  const named: TableShape = { kind: 'derived', parent: 0, storeName: 'own', isFilter: false }
  expect(
    settle(
      [source, named],
      [
        [0, 'made'],
        [1, 'made'],
        [1, 'old-values'],
      ],
    ),
  ).toMatchObject([
    { storeName: undefined, sendOldValues: false },
    { storeName: 'own', sendOldValues: true },
  ])
})

test('a suppression needs old values of the table above it', () => {
  const suppressed: TableShape = { kind: 'suppressed', parent: 0, storeName: 'buffer' }
  expect(
    settle(
      [source, suppressed],
      [
        [0, 'made'],
        [1, 'made'],
      ],
    ),
  ).toMatchObject([
    { storeName: 's', sendOldValues: true },
    { storeName: 'buffer', readerStoreNames: ['buffer', 's'] },
  ])
})

test('a joined table is read through both sides, unless it has a store', () => {
  const joined = (storeName: string | undefined): TableShape => ({ kind: 'joined', left: 0, right: 1, storeName })
  const right: TableShape = { ...source, storeName: 'r' }
  const demands = [
    [0, 'made'],
    [1, 'made'],
    [2, 'made'],
    [2, 'old-values'],
  ] as const
  expect(settle([source, right, joined(undefined)], demands)).toMatchObject([
    { sendOldValues: true },
    { sendOldValues: true },
    { sendOldValues: true, readerStoreNames: ['s', 'r'] },
  ])
  expect(settle([source, right, joined('j')], demands)[2]).toMatchObject({ readerStoreNames: ['j'] })
})
