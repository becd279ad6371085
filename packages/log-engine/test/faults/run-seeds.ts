import { ModelRun } from './model-run.ts'

/** Runs the seeds one after the other; what the first failure says, or undefined. */
export async function firstFailure(from: number, count: number): Promise<string | undefined> {
  for (let seed = from; seed < from + count; seed++) {
    try {
      await new ModelRun(seed).run()
    } catch (error) {
      return `seed ${seed}: ${error instanceof Error ? error.message : error}`
    }
  }
  return undefined
}
