import { expect, test } from 'vitest'
import { type ChartLine, ratioChart } from '../src/chart/ratio-chart.ts'

const line = (workload: 'W1' | 'W2', median: number): ChartLine => ({
  comparison: 'driver',
  workload,
  against: 'Java',
  speed: { median, min: median / 2, max: median * 2 },
  perCpu: { median, min: median, max: median },
})

test('the chart has a row for each workload, and leaves out panels without lines', () => {
  const svg = ratioChart([line('W1', 7.4), line('W2', 1.8), { ...line('W1', 9), against: 'quixstreams' }])
  expect(svg).toContain('W1 stateless')
  expect(svg).toContain('7.4×')
  expect(svg).toContain('W2 word count')
  expect(svg).not.toContain('9.0×')
  expect(svg).not.toContain('Standalone')
})
