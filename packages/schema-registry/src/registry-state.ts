import type { CompatibilityLevel } from './compatibility.ts'
import type { Change, Mode, StoredSchema } from './log/log-records.ts'

/**
 * All that the registry knows. It changes by {@link apply} only, with what was written to the log, so that a restart is a
 * replay.
 */
export class RegistryState {
  /** By subject, then version; deleted ones too, until they are deleted permanently. */
  readonly #subjects = new Map<string, Map<number, StoredSchema>>()
  readonly #levels = new Map<string | null, CompatibilityLevel>()
  readonly #modes = new Map<string | null, Mode>()
  /** Schemas stay under their ids when they are deleted permanently, as long as the process lives. */
  readonly #byId = new Map<number, StoredSchema>()
  #greatestId = 0

  apply(change: Change): void {
    switch (change.kind) {
      case 'schema': {
        const { schema } = change
        this.#versions(schema.subject).set(schema.version, schema)
        this.#byId.set(schema.id, schema)
        this.#greatestId = Math.max(this.#greatestId, schema.id)
        break
      }
      case 'removed':
        this.#versions(change.subject).delete(change.version)
        break
      case 'subjectDeleted':
        for (const [version, schema] of this.#versions(change.subject)) {
          if (version <= change.version) this.#versions(change.subject).set(version, { ...schema, deleted: true })
        }
        break
      case 'config':
        setOrDelete(this.#levels, change.subject, change.level)
        break
      case 'mode':
        setOrDelete(this.#modes, change.subject, change.mode)
        break
    }
  }

  /** Names of all subjects that have versions, in order. */
  subjects(): readonly string[] {
    return [...this.#subjects].flatMap(([name, versions]) => (versions.size > 0 ? [name] : [])).sort()
  }

  /** A subject's versions in ascending order, deleted ones included. */
  versions(subject: string): readonly StoredSchema[] {
    const versions = this.#subjects.get(subject)
    return versions === undefined ? [] : [...versions.values()].sort((a, b) => a.version - b.version)
  }

  /** Every version of every subject, deleted ones included. */
  all(): readonly StoredSchema[] {
    return this.subjects().flatMap((subject) => this.versions(subject))
  }

  byId(id: number): StoredSchema | undefined {
    return this.#byId.get(id)
  }

  /** An id that no schema has had. */
  nextId(): number {
    return this.#greatestId + 1
  }

  /** The id of a schema that is the same but for its subject. */
  idOf(same: (schema: StoredSchema) => boolean): number | undefined {
    for (const schema of this.#byId.values()) if (same(schema)) return schema.id
    return undefined
  }

  /** What a subject (null: all) has of its own. */
  level(subject: string | null): CompatibilityLevel | undefined {
    return this.#levels.get(subject)
  }

  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject)
  }

  #versions(subject: string): Map<number, StoredSchema> {
    let versions = this.#subjects.get(subject)
    if (versions === undefined) {
      versions = new Map()
      this.#subjects.set(subject, versions)
    }
    return versions
  }
}

function setOrDelete<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
