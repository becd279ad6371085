import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, leaving the processor to what has to bring it about; a test's own limit ends the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2)
}
