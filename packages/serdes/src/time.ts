/** The clock of what waits: a registry client between two attempts. */
export interface Time {
  /** Unix ms. */
  now(): number
  /** Resolves `ms` from now. */
  sleep(ms: number): Promise<void>
}

/** The wall clock. */
export const systemTime: Time = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
