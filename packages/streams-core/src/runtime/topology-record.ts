import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TopologyPlan } from '../topology/processor-topology.ts'

/** A store of a topology. */
export interface StoreRecord {
  readonly name: string
  /** Its changelog topic; null: none. */
  readonly changelog: string | null
  /** Undefined: a global store. */
  readonly subtopologyId?: number
}

/** What a topology needs beside its sources: kept in `topology.json` of the state directory by each run. */
export interface TopologyRecord {
  readonly format: 1
  readonly stores: readonly StoreRecord[]
  /** Changelogs and repartition topics that are the application's own. */
  readonly internalTopics: readonly string[]
}

const fileName = 'topology.json'

export function topologyRecord(plan: TopologyPlan): TopologyRecord {
  const stores: StoreRecord[] = []
  for (const { topology } of plan.subtopologies) {
    const { subtopologyId, changelogTopics } = topology
    for (const { name } of topology.stores) {
      stores.push({ name, changelog: changelogTopics.get(name) ?? null, subtopologyId })
    }
  }
  for (const { name } of plan.global?.stores ?? []) stores.push({ name, changelog: null })
  const topics = plan.subtopologies.flatMap((subtopology) =>
    [...subtopology.repartitionSourceTopics, ...subtopology.changelogTopics].map(({ name }) => name),
  )
  return { format: 1, stores, internalTopics: [...new Set(topics)] }
}

/** Notes in an application's state directory what it runs. */
export function writeTopologyRecord(directory: string, record: TopologyRecord): void {
  const file = join(directory, fileName)
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 1)}\n`)
  renameSync(`${file}.new`, file)
}

/** What the last runs have noted: of the instance under `stateDir`, and of workers, which have folders of their own there. */
export function readTopologyRecords(stateDir: string, applicationId: string): readonly TopologyRecord[] {
  const folders = [stateDir]
  if (existsSync(stateDir)) {
    for (const name of readdirSync(stateDir)) if (/^worker-\d+$/.test(name)) folders.push(join(stateDir, name))
  }
  return folders.flatMap((folder) => {
    const file = join(folder, applicationId, fileName)
    if (!existsSync(file)) return []
    const record = JSON.parse(readFileSync(file, 'utf8')) as TopologyRecord
    return record.format === 1 ? [record] : []
  })
}
