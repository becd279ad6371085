/**
 * Whether what a predicate gave means yes: any truthy value does.
 * @throws TypeError for a promise, which would always
 */
export function holds(verdict: unknown): boolean {
  if (typeof verdict === 'boolean') return verdict
  if (verdict instanceof Promise) {
    // Its own failure must not end the process.
    verdict.catch(() => {})
    throw new TypeError(
      'The predicate is an async function, and operators are synchronous. Compute what it asks for with mapValuesAsync before.',
    )
  }
  return Boolean(verdict)
}
