import type { Curve } from './curve.ts'
import { growth, type Point } from './growth.ts'
import { partitionsCurve } from './partitions-curve.ts'
import { recordSizeCurve } from './record-size-curve.ts'
import { levelStateCurve, memoryStateCurve } from './state-curves.ts'
import { topologyCurve } from './topology-curve.ts'
import { windowsCurve } from './windows-curve.ts'
import { workersCurve } from './workers-curve.ts'

const CURVES: readonly Curve[] = [
  memoryStateCurve,
  levelStateCurve,
  partitionsCurve,
  topologyCurve,
  recordSizeCurve,
  windowsCurve,
  workersCurve,
]

/** Measures the curves of these names, or all: their points, the growth between neighbours and over all, and why. */
export async function measureCurves(names: readonly string[], say: (line: string) => void): Promise<void> {
  for (const name of names) {
    if (CURVES.some((curve) => curve.name === name)) continue
    throw new RangeError(`Unknown curve '${name}': give one of ${CURVES.map((curve) => curve.name).join(', ')}.`)
  }
  for (const curve of CURVES) {
    if (names.length > 0 && !names.includes(curve.name)) continue
    say(`${curve.name}: ${curve.title}`)
    const points: Point[] = []
    for await (const point of curve.points()) {
      const before = points.at(-1)
      const since = before === undefined ? '' : `, growing with exponent ${growth([before, point]).exponent.toFixed(2)}`
      say(`  ${point.size.toLocaleString('en')} ${curve.sizes}: ${point.cost.toPrecision(3)} ${curve.costs}${since}`)
      points.push(point)
    }
    const { exponent, fit } = growth(points)
    say(`  over all: cost ~ size^${exponent.toFixed(2)} (fit ${fit.toFixed(2)}). ${curve.explanation}`)
  }
}
