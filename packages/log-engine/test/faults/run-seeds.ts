import { ModelRun } from './model-run.ts'
import { scenarios } from './scenarios.ts'

/** Each scenario is tried with so many seeds. */
const seedsOfScenarios = 8

/** Runs the scenarios and then the seeds, one after the other; what the first failure says, or undefined. */
export async function firstFailure(
  from: number,
  count: number,
  scenarioSeeds = seedsOfScenarios,
): Promise<string | undefined> {
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (let seed = 0; seed < scenarioSeeds; seed++) {
      try {
        await scenario(seed)
      } catch (error) {
        return `${name}, seed ${seed}: ${error instanceof Error ? error.message : error}`
      }
    }
  }
  for (let seed = from; seed < from + count; seed++) {
    try {
      await new ModelRun(seed).run()
    } catch (error) {
      return `seed ${seed}: ${error instanceof Error ? error.message : error}`
    }
  }
  return undefined
}
