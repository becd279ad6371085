import type { Output } from './command.ts'

/** One line of a table: a value for each column, by the column's name. */
export type Row = Readonly<Record<string, string | number | bigint | boolean | null>>

/** Prints rows under the names of their columns, or as one JSON array. */
export function printRows(rows: readonly Row[], output: Output, json: boolean): void {
  if (json) {
    output.print(JSON.stringify(rows, (_name, value) => (typeof value === 'bigint' ? `${value}` : value), 2))
    return
  }
  const first = rows[0]
  if (first === undefined) return
  const columns = Object.keys(first)
  const lines = [
    columns.map((name) => name.toUpperCase()),
    ...rows.map((row) => columns.map((name) => cell(row[name]))),
  ]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  for (const line of lines) {
    output.print(
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
}

function cell(value: Row[string] | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : String(value)
}
