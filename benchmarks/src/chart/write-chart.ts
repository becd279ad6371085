import { readFileSync, writeFileSync } from 'node:fs'
import { type ChartLine, ratioChart } from './ratio-chart.ts'

/** Draws the chart of the figures that `compare --out` has written; of a pair that is there several times the last counts. */
export function writeChart(resultsFile: string, chartFile: string): void {
  const last = new Map<string, ChartLine>()
  for (const text of readFileSync(resultsFile, 'utf8').split('\n')) {
    if (text === '') continue
    const line: ChartLine = JSON.parse(text)
    last.set(`${line.comparison} ${line.workload} ${line.against}`, line)
  }
  const lines = [...last.values()].sort((a, b) => a.workload.localeCompare(b.workload))
  writeFileSync(chartFile, ratioChart(lines))
}
