/** The count of nothing. */
export function zero(): number {
  return 0
}

/** One more. */
export function count(aggregate: number): number {
  return aggregate + 1
}

/** One less. */
export function uncount(aggregate: number): number {
  return aggregate - 1
}

/** Two counts in one. */
export function sum(left: number, right: number): number {
  return left + right
}
