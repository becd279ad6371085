import type { Point } from './growth.ts'

/** How a cost grows with one size, everything else being the same. */
export interface Curve {
  readonly name: string
  readonly title: string
  /** What a size counts. */
  readonly sizes: string
  /** What a cost is. */
  readonly costs: string
  /** Why the curve is as it is, bends included. */
  readonly explanation: string
  points(): AsyncIterable<Point>
}
