import { type CompatibilityLevel, incompatibilities, type OlderVersion } from './compatibility.ts'
import { InvalidSchemaError } from './invalid-schema-error.ts'
import {
  type Change,
  decodeChange,
  encodeChange,
  type Mode,
  type SchemaReference,
  type StoredSchema,
} from './log/log-records.ts'
import type { SchemaLog } from './log/schema-log.ts'
import { RegistryState } from './registry-state.ts'
import { invalidSchema, RestError, schemaNotFound, subjectNotFound, versionNotFound } from './rest/rest-error.ts'
import { type ParsedSchema, parseSchema, type ReferencedText, type SchemaType } from './schema-language.ts'

/** A schema as a client gives it. */
export interface GivenSchema {
  readonly schemaType: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
  /** Only in mode IMPORT. */
  readonly id?: number | undefined
  readonly version?: number | undefined
}

/** Which version of a subject. */
export type VersionNumber = number | 'latest'

/**
 * What the registry does. Reading answers from memory. A change is checked, written to the log, then applied, one after the
 * other; every method that changes something waits for its turn.
 */
export class Registry {
  readonly #log: SchemaLog
  readonly #defaultLevel: CompatibilityLevel
  readonly #state = new RegistryState()
  readonly #parsed = new Map<string, ParsedSchema>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(log: SchemaLog, defaultLevel: CompatibilityLevel) {
    this.#log = log
    this.#defaultLevel = defaultLevel
  }

  /** A registry with what its log holds. `onSkipped` hears of records that are none of a registry. */
  static async open(
    log: SchemaLog,
    defaultLevel: CompatibilityLevel,
    onSkipped: (message: string) => void,
  ): Promise<Registry> {
    const registry = new Registry(log, defaultLevel)
    for (const record of await log.readAll()) {
      try {
        const change = decodeChange(record)
        if (change !== undefined) registry.#state.apply(change)
      } catch (error) {
        onSkipped(`A record of the schemas' topic is skipped (${String(error)}): ${record.key.slice(0, 100)}`)
      }
    }
    return registry
  }

  /** Settles when all changes under way are written. */
  async idle(): Promise<void> {
    await this.#turn
  }

  subjects({ deleted }: { readonly deleted: boolean }): readonly string[] {
    return this.#state.subjects().filter((subject) => this.#visible(subject, deleted).length > 0)
  }

  /** @throws RestError 40401 */
  versions(subject: string, { deleted }: { readonly deleted: boolean }): readonly StoredSchema[] {
    const versions = this.#visible(subject, deleted)
    if (versions.length === 0) throw subjectNotFound(subject)
    return versions
  }

  /** @throws RestError 40401, 40402 */
  version(subject: string, version: VersionNumber, options: { readonly deleted: boolean }): StoredSchema {
    const versions = this.versions(subject, options)
    const found = version === 'latest' ? versions.at(-1) : versions.find((schema) => schema.version === version)
    if (found === undefined) throw versionNotFound(version as number)
    return found
  }

  /** Every version of every subject. */
  all({ deleted }: { readonly deleted: boolean }): readonly StoredSchema[] {
    return this.#state.all().filter((schema) => deleted || !schema.deleted)
  }

  /** @throws RestError 40403 */
  byId(id: number): StoredSchema {
    const schema = this.#state.byId(id)
    if (schema === undefined) throw schemaNotFound(id)
    return schema
  }

  /** Under which subjects and versions a schema is. @throws RestError 40403 */
  usesOfId(id: number, options: { readonly deleted: boolean }): readonly StoredSchema[] {
    this.byId(id)
    return this.all(options).filter((schema) => schema.id === id)
  }

  /** Ids of the schemas that refer to a version. @throws RestError 40401, 40402 */
  referencedBy(subject: string, version: VersionNumber): readonly number[] {
    const { version: number } = this.version(subject, version, { deleted: true })
    return [...new Set(this.#referringTo(subject, number).map(({ id }) => id))].sort((a, b) => a - b)
  }

  /** Finds a schema in a subject. @throws RestError 40401, 40403, 42201 */
  lookUp(subject: string, given: GivenSchema, options: { readonly deleted: boolean }): StoredSchema {
    const versions = this.versions(subject, options)
    const { text } = this.#parse(given)
    const found = versions.findLast((schema) => isSame(schema, given, text))
    if (found === undefined) throw schemaNotFound()
    return found
  }

  /** Whether a schema could follow: one version, or those that the level of the subject asks for. @throws RestError 40401, 40402, 42201 */
  testCompatibility(subject: string, given: GivenSchema, version: VersionNumber | undefined): readonly string[] {
    const parsed = this.#parse(given)
    const level = this.level(subject)
    if (version === undefined) return this.#incompatibilities(level, given, parsed, this.#visible(subject, false))
    const compared = [this.version(subject, version, { deleted: false })]
    return this.#incompatibilities(level, given, parsed, compared)
  }

  /** Registers a schema unless the subject has it; gives it with its id. @throws RestError 409, 42201, 42205 */
  register(subject: string, given: GivenSchema): Promise<StoredSchema> {
    return this.#inTurn(async () => {
      const parsed = this.#parse(given)
      const { text } = parsed
      const known = this.#visible(subject, false)
      const same = known.findLast((schema) => isSame(schema, given, text))
      if (same !== undefined && (given.id === undefined || given.id === same.id)) return same
      const mode = this.#requireWritable(subject)
      if (given.id !== undefined && mode !== 'IMPORT') {
        throw new RestError(42205, `Subject ${subject} is not in import mode`)
      }
      if (mode !== 'IMPORT') {
        const found = this.#incompatibilities(this.level(subject), given, parsed, known)
        if (found.length > 0) {
          throw new RestError(
            409,
            `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: ${JSON.stringify(found)}`,
          )
        }
      }
      const { schemaType, references } = given
      const schema: StoredSchema = {
        subject,
        version: given.version ?? (this.#state.versions(subject).at(-1)?.version ?? 0) + 1,
        id: this.#idFor(given, text),
        schemaType,
        schema: text,
        references,
        deleted: false,
      }
      await this.#write([{ kind: 'schema', schema }])
      return schema
    })
  }

  /** Deletes a version; one that was deleted before for good. @throws RestError 40401, 40402, 40406, 40407, 42205, 42206 */
  deleteVersion(
    subject: string,
    version: VersionNumber,
    { permanent }: { readonly permanent: boolean },
  ): Promise<number> {
    return this.#inTurn(async () => {
      const found = this.version(subject, version, { deleted: true })
      this.#requireWritable(subject)
      const name = `Subject '${subject}' Version ${found.version}`
      if (!permanent && found.deleted) {
        throw new RestError(40406, `${name} was soft deleted. Set permanent=true to delete permanently`)
      }
      if (permanent && !found.deleted) {
        throw new RestError(40407, `${name} was not deleted first before being permanently deleted`)
      }
      await this.#delete([found], permanent)
      return found.version
    })
  }

  /** Deletes all versions of a subject, or for good. Gives their numbers. @throws RestError 40401, 40404, 40405, 42205, 42206 */
  deleteSubject(subject: string, { permanent }: { readonly permanent: boolean }): Promise<readonly number[]> {
    return this.#inTurn(async () => {
      const all = this.versions(subject, { deleted: true })
      this.#requireWritable(subject)
      const existing = all.filter(({ deleted }) => !deleted)
      if (!permanent && existing.length === 0) {
        throw new RestError(40404, `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`)
      }
      if (permanent && existing.length > 0) {
        throw new RestError(40405, `Subject '${subject}' was not deleted first before being permanently deleted`)
      }
      await this.#delete(permanent ? all : existing, permanent)
      if (permanent) {
        const settings: Change[] = []
        if (this.#state.level(subject) !== undefined) settings.push({ kind: 'config', subject, level: undefined })
        if (this.#state.mode(subject) !== undefined) settings.push({ kind: 'mode', subject, mode: undefined })
        if (settings.length > 0) await this.#write(settings)
      }
      return (permanent ? all : existing).map(({ version }) => version)
    })
  }

  /** The level in force for a subject (null: for all). */
  level(subject: string | null): CompatibilityLevel {
    return this.ownLevel(subject) ?? this.#state.level(null) ?? this.#defaultLevel
  }

  /** The level of a subject itself. */
  ownLevel(subject: string | null): CompatibilityLevel | undefined {
    return this.#state.level(subject)
  }

  /** Undefined: the subject has none of its own any more. */
  setLevel(subject: string | null, level: CompatibilityLevel | undefined): Promise<void> {
    return this.#inTurn(() => this.#write([{ kind: 'config', subject, level }]))
  }

  /** The mode in force for a subject (null: for all). */
  mode(subject: string | null): Mode {
    return this.ownMode(subject) ?? this.#state.mode(null) ?? 'READWRITE'
  }

  /** The mode of a subject itself. */
  ownMode(subject: string | null): Mode | undefined {
    return this.#state.mode(subject)
  }

  /** IMPORT is refused where there are schemas already, unless forced. @throws RestError 42205 */
  setMode(subject: string | null, mode: Mode | undefined, { force }: { readonly force: boolean }): Promise<void> {
    return this.#inTurn(async () => {
      const hasSchemas =
        subject === null ? this.subjects({ deleted: false }).length > 0 : this.#visible(subject, false).length > 0
      if (mode === 'IMPORT' && hasSchemas && !force) {
        throw new RestError(42205, 'Cannot import since found existing subjects')
      }
      await this.#write([{ kind: 'mode', subject, mode }])
    })
  }

  async #delete(schemas: readonly StoredSchema[], permanent: boolean): Promise<void> {
    for (const { subject, version } of schemas) {
      const referring = this.#referringTo(subject, version)
      if (referring.length > 0) {
        throw new RestError(
          42206,
          `One or more references exist to the schema {subject=${subject}, version=${version}}`,
        )
      }
    }
    await this.#write(
      schemas.map((schema) =>
        permanent
          ? { kind: 'removed', subject: schema.subject, version: schema.version }
          : { kind: 'schema', schema: { ...schema, deleted: true } },
      ),
    )
  }

  #referringTo(subject: string, version: number): readonly StoredSchema[] {
    return this.all({ deleted: false }).filter(({ references }) =>
      references.some((reference) => reference.subject === subject && reference.version === version),
    )
  }

  #visible(subject: string, deleted: boolean): readonly StoredSchema[] {
    return this.#state.versions(subject).filter((schema) => deleted || !schema.deleted)
  }

  #requireWritable(subject: string): Mode {
    const mode = this.mode(subject)
    if (mode === 'READONLY') throw new RestError(42205, `Subject ${subject} is in read-only mode`)
    return mode
  }

  /** The same schema has the same id in all subjects. */
  #idFor(given: GivenSchema, text: string): number {
    if (given.id === undefined) {
      return this.#state.idOf((schema) => isSame(schema, given, text)) ?? this.#state.nextId()
    }
    const other = this.#state.byId(given.id)
    if (other !== undefined && !isSame(other, given, text)) {
      throw new RestError(42205, `Overwrite new schema with id ${given.id} is not permitted.`)
    }
    return given.id
  }

  #incompatibilities(
    level: CompatibilityLevel,
    given: GivenSchema,
    parsed: ParsedSchema,
    older: readonly StoredSchema[],
  ): readonly string[] {
    if (level === 'NONE') return []
    const alien = older.find(({ schemaType }) => schemaType !== given.schemaType)
    if (alien !== undefined) {
      return [`version ${alien.version} is of type ${alien.schemaType}, the new schema of type ${given.schemaType}`]
    }
    const compared: OlderVersion[] = older.map((schema) => ({ version: schema.version, parsed: this.#parse(schema) }))
    return incompatibilities(level, parsed, compared)
  }

  /** @throws RestError 42201 */
  #parse({ schemaType, schema, references }: Pick<GivenSchema, 'schemaType' | 'schema' | 'references'>): ParsedSchema {
    const key = JSON.stringify([schemaType, schema, references])
    let parsed = this.#parsed.get(key)
    if (parsed === undefined) {
      try {
        parsed = parseSchema(schemaType, schema, this.#referenced(references))
      } catch (error) {
        if (error instanceof InvalidSchemaError) throw invalidSchema(error.message)
        throw error
      }
      // What is only asked about would be kept for ever.
      if (this.#parsed.size >= maxParsed) this.#parsed.clear()
      this.#parsed.set(key, parsed)
    }
    return parsed
  }

  /** All that is referred to, directly or not: each after what it refers to itself. */
  #referenced(references: readonly SchemaReference[]): readonly ReferencedText[] {
    const found = new Map<string, string>()
    const visit = (list: readonly SchemaReference[]): void => {
      for (const { name, subject, version } of list) {
        if (found.has(name)) continue
        const schema = this.#state.versions(subject).find((one) => one.version === version)
        if (schema === undefined) {
          throw new InvalidSchemaError(`no schema for the reference ${JSON.stringify({ name, subject, version })}`)
        }
        visit(schema.references)
        found.set(name, schema.schema)
      }
    }
    visit(references)
    return [...found].map(([name, schema]) => ({ name, schema }))
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#log.append(changes.map(encodeChange))
    } catch (error) {
      throw new RestError(
        50001,
        `The schemas' topic cannot be written: ${error instanceof Error ? error.message : error}`,
      )
    }
    for (const change of changes) this.#state.apply(change)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

const maxParsed = 10_000

function isSame(schema: StoredSchema, given: GivenSchema, text: string): boolean {
  return (
    schema.schemaType === given.schemaType &&
    schema.schema === text &&
    JSON.stringify(schema.references) === JSON.stringify(given.references)
  )
}
