import type { Ratio } from '../compare/ratios.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'

/** What the chart needs of a line that `compare --out` writes. */
export interface ChartLine {
  readonly comparison: string
  readonly workload: Workload
  readonly against: string
  readonly speed: Ratio
  readonly perCpu: Ratio
}

interface Panel {
  readonly title: string
  readonly lines: readonly ChartLine[]
}

const PANELS: readonly { readonly comparison: string; readonly title: string }[] = [
  { comparison: 'driver', title: 'In the test driver, beside Java’s TopologyTestDriver' },
  { comparison: 'batch', title: 'In the test driver, beside Java’s engine in batches of 1000' },
  { comparison: 'standalone', title: 'Standalone, exactly once, beside Java Kafka Streams with a broker' },
  { comparison: 'cluster', title: 'On the same Kafka, exactly once, beside Java Kafka Streams' },
]

const WIDTH = 760
const LABEL_WIDTH = 250
const ROW_HEIGHT = 26
const HEAD_HEIGHT = 34
const LEAST = 0.5
const MOST = 128
const TICKS = [0.5, 1, 2, 4, 8, 16, 32, 64, 128]

/**
 * Ratios of Millrace to Java as an SVG: for each workload a bar of records per second and one of records per second of CPU, with
 * least and greatest, on a logarithmic scale whose 1 is Java. Readable on a light and on a dark page.
 */
export function ratioChart(lines: readonly ChartLine[]): string {
  const panels = PANELS.map(({ comparison, title }) => ({
    title,
    lines: lines.filter((line) => line.comparison === comparison && line.against.startsWith('Java')),
  })).filter((panel) => panel.lines.length > 0)
  const body: string[] = []
  let y = 28
  for (const panel of panels) {
    body.push(...panelParts(panel, y))
    y += HEAD_HEIGHT + panel.lines.length * ROW_HEIGHT
  }
  body.push(...axisParts(28, y))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 30}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    '<title>Millrace in multiples of Java Kafka Streams</title>',
    `<rect width="${WIDTH}" height="${y + 30}" fill="#ffffff"/>`,
    `<text x="12" y="18" fill="#57606a">multiples of Java (log scale): <tspan fill="#1f6feb">■ records a second</tspan> <tspan fill="#8250df">■ records a second of CPU (standalone: Java’s broker included)</tspan></text>`,
    ...body,
    '</svg>',
    '',
  ].join('\n')
}

function panelParts({ title, lines }: Panel, top: number): string[] {
  const parts = [`<text x="12" y="${top + 22}" font-weight="600" fill="#1f2328">${title}</text>`]
  lines.forEach((line, row) => {
    const y = top + HEAD_HEIGHT + row * ROW_HEIGHT
    parts.push(`<text x="24" y="${y + 15}" fill="#1f2328">${line.workload} ${WORKLOADS[line.workload].title}</text>`)
    parts.push(...bar(line.speed, y + 2, '#1f6feb'), ...bar(line.perCpu, y + 12, '#8250df'))
  })
  return parts
}

function bar({ median, min, max }: Ratio, y: number, colour: string): string[] {
  const from = x(1)
  const to = x(median)
  const label = `${median < 10 ? median.toFixed(1) : Math.round(median)}×`
  return [
    `<rect x="${round(Math.min(from, to))}" y="${y}" width="${round(Math.max(1, Math.abs(to - from)))}" height="8" fill="${colour}"/>`,
    `<line x1="${round(x(min))}" x2="${round(x(max))}" y1="${y + 4}" y2="${y + 4}" stroke="#1f2328" stroke-opacity="0.6"/>`,
    `<text x="${round(Math.max(x(max), from) + 5)}" y="${y + 8}" font-size="10" fill="#57606a">${label}</text>`,
  ]
}

function axisParts(top: number, bottom: number): string[] {
  return TICKS.flatMap((tick) => [
    `<line x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${top + 8}" y2="${bottom + 4}" stroke="#1f2328" stroke-opacity="${tick === 1 ? 0.7 : 0.12}"/>`,
    `<text x="${round(x(tick))}" y="${bottom + 18}" text-anchor="middle" font-size="11" fill="#57606a">${tick}×</text>`,
  ])
}

function x(ratio: number): number {
  const share = Math.log(Math.min(MOST, Math.max(LEAST, ratio)) / LEAST) / Math.log(MOST / LEAST)
  return LABEL_WIDTH + share * (WIDTH - LABEL_WIDTH - 40)
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}
