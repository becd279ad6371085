import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Serde } from '@millrace/serdes'
import { StateSchemaError } from '../errors.ts'
import { MeteredStore } from '../state/metered-store.ts'
import type { TopologyPlan } from '../topology/processor-topology.ts'
import { schemaDifferences } from './schema-differences.ts'

/** How the values of a store were written last. */
interface StoreSchema {
  /** Null: without a version. */
  readonly version: number | null
  /** Absent where the serde does not say what its values look like. */
  readonly schema?: unknown
}

/** `state-schemas.json` of the state directory. */
interface StateSchemas {
  readonly format: 1
  /** By store name. */
  readonly stores: { readonly [name: string]: StoreSchema }
}

const fileName = 'state-schemas.json'

/**
 * Compares what the serdes of a topology's stores read with what the last run has noted in the application's state directory,
 * and notes what they write from now on. Values that come from a changelog are checked one by one when they are restored.
 * @throws StateSchemaError for a store whose values cannot be read, with the difference; nothing is noted then
 */
export function checkStateSchemas(directory: string, plan: TopologyPlan): void {
  const file = join(directory, fileName)
  const stores: { [name: string]: StoreSchema } = { ...readSchemas(file) }
  const before = new Map(Object.entries(stores))
  for (const { topology } of plan.subtopologies) {
    for (const builder of topology.stores) {
      const store = builder.build()
      if (!(store instanceof MeteredStore)) continue
      const { valueSerde } = store
      const found = before.get(builder.name)
      if (found !== undefined) checkStore(builder.name, found, valueSerde)
      stores[builder.name] = schemaOf(valueSerde)
    }
  }
  writeFileSync(`${file}.new`, `${JSON.stringify({ format: 1, stores } satisfies StateSchemas, undefined, 1)}\n`)
  renameSync(`${file}.new`, file)
}

function checkStore(name: string, found: StoreSchema, serde: Serde<unknown>): void {
  const now = schemaOf(serde)
  const differences =
    found.schema === undefined || now.schema === undefined ? [] : schemaDifferences(found.schema, now.schema)
  const shown = differences.length === 0 ? '' : ` The difference: ${differences.join('; ')}.`
  const refuse = (problem: string, nextStep: string): never => {
    throw new StateSchemaError(name, differences, `Store '${name}' ${problem}.${shown} ${nextStep}.`)
  }
  if (found.version === now.version) {
    if (differences.length === 0) return
    refuse(
      `holds values of ${versionText(now.version)}, and these look different now`,
      now.version === null
        ? 'Give the values versions (versionedSerde with unversioned), or reset the application'
        : `Make it version ${now.version + 1} with an upcaster from ${now.version}, or reset the application`,
    )
  }
  if (serde.versions?.canRead(found.version ?? undefined) === true) return
  refuse(
    `holds values of ${versionText(found.version)}, which its serde (${versionText(now.version)}) cannot read`,
    nextStepFor(found.version, now.version),
  )
}

function nextStepFor(found: number | null, now: number | null): string {
  if (now === null) return 'Read them with versionedSerde, or reset the application'
  if (found === null) return 'Say which version they are (unversioned), or reset the application'
  return found > now
    ? 'Run the program that has written them, or reset the application'
    : `Give upcasters from version ${found} on, or reset the application`
}

function versionText(version: number | null): string {
  return version === null ? 'no version' : `version ${version}`
}

function schemaOf({ versions, schema }: Serde<unknown>): StoreSchema {
  return { version: versions?.current ?? null, ...(schema === undefined ? {} : { schema }) }
}

function readSchemas(file: string): StateSchemas['stores'] {
  if (!existsSync(file)) return {}
  const found = JSON.parse(readFileSync(file, 'utf8')) as Partial<StateSchemas>
  return found.format === 1 ? (found.stores ?? {}) : {}
}

/** The file's name, for whoever clears the directory. */
export const stateSchemasFile: string = fileName
