import type { StateWeek } from './topology.ts'

/** The last value of each state and week, worst average first; equal averages by state and week. */
export function worstWeeks(records: readonly StateWeek[], count: number): readonly StateWeek[] {
  const last = new Map(records.map((record) => [`${record.state} ${record.week}`, record]))
  return [...last.values()]
    .sort((a, b) => b.averageDelay - a.averageDelay || compare(a.state, b.state) || compare(a.week, b.week))
    .slice(0, count)
}

/** A table in plain text; numbers are right-aligned. */
export function weekTable(weeks: readonly StateWeek[]): string {
  const rows = weeks.map(({ state, week, flights, averageDelay }) => [
    state,
    week,
    String(flights),
    `${averageDelay.toFixed(1)} min`,
  ])
  const head = ['state', 'week from', 'delayed flights', 'average delay']
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

/** `12345` as `12,345`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
