import type { SerdeUse } from '../serde.ts'
import { SerdeNotReadyError } from '../serde-not-ready-error.ts'
import type { RecordComponent } from '../serialization-error.ts'
import { Answers } from './answers.ts'
import { type CompleteSchema, withReferences, withReferencesAtOnce } from './referenced-schemas.ts'
import type { Schema, SchemaReference, SchemaRegistry, SynchronousSchemaRegistry } from './schema-registry.ts'
import { SchemaRegistryError } from './schema-registry-error.ts'
import { type SubjectNameStrategy, topicNameStrategy } from './subject-name-strategy.ts'

/** What serdes with a registry have in common: where their schemas are, and how they get there. */
export interface RegistryOptions {
  readonly registry: SchemaRegistry
  /** Which half of its records the serde is for: part of the subject's name. Default `value`. */
  readonly component?: RecordComponent
  /** Default {@link topicNameStrategy}. */
  readonly subjectNameStrategy?: SubjectNameStrategy
  /**
   * True (default): the serde's schema is registered when it is first written to a topic. False: it must be registered
   * already.
   */
  readonly autoRegister?: boolean
  /** True: values are written with the newest version of the subject instead of the serde's own schema. */
  readonly useLatestVersion?: boolean
  /** What the serde's own schema refers to. */
  readonly references?: readonly SchemaReference[]
}

/** The serde's own schema. */
export interface OwnSchema {
  readonly schema: Schema
  /** For the strategies that need it. */
  readonly recordName: string | undefined
}

/** What is written with: the schema's id, and what the schema was compiled to. */
export interface Writer<T> {
  readonly id: number
  readonly compiled: T
}

/**
 * The schemas that a serde reads and writes with, compiled, by id and by topic. All are fetched once.
 * `C`: what a schema is compiled to.
 */
export class RegisteredSchemas<C> {
  readonly #options: RegistryOptions
  readonly #own: OwnSchema | undefined
  readonly #byId: Answers<number, C>
  readonly #writers: Answers<string, Writer<C>>

  /** `compile` makes what reads the values of a schema, as those of the serde's own schema where there is one, and writes them. */
  constructor(
    options: RegistryOptions,
    own: OwnSchema | undefined,
    compile: (schema: CompleteSchema, own: CompleteSchema | undefined) => C,
  ) {
    this.#options = options
    this.#own = own
    const { registry } = options
    const { atOnce } = registry
    const compileWithOwn = async (schema: Schema): Promise<C> =>
      compile(await withReferences(registry, schema), own && (await withReferences(registry, own.schema)))
    const compileAtOnce = (sync: SynchronousSchemaRegistry, schema: Schema): C =>
      compile(withReferencesAtOnce(sync, schema), own && withReferencesAtOnce(sync, own.schema))
    this.#byId = new Answers({
      question: (id) => `schema id ${id} of the registry at ${registry.name}`,
      ask: async (id) => compileWithOwn(await registry.schemaById(id)),
      askAtOnce: atOnce && ((id) => compileAtOnce(atOnce, atOnce.schemaById(id))),
    })
    this.#writers = new Answers({
      question: (topic) => `the schema of subject '${this.#subjectOf(topic)}' at ${registry.name}`,
      ask: async (topic) => {
        const subject = this.#subjectOf(topic)
        if (options.useLatestVersion === true) {
          const latest = await registry.version(subject, 'latest')
          return this.#known(latest.id, await compileWithOwn(latest))
        }
        const { schema } = this.#ownSchema()
        const id =
          options.autoRegister === false
            ? (await registry.lookUp(subject, schema)).id
            : await registry.register(subject, schema)
        return this.#known(id, await compileWithOwn(schema))
      },
      askAtOnce:
        atOnce &&
        ((topic) => {
          const subject = this.#subjectOf(topic)
          if (options.useLatestVersion === true) {
            const latest = atOnce.version(subject, 'latest')
            return this.#known(latest.id, compileAtOnce(atOnce, latest))
          }
          const { schema } = this.#ownSchema()
          const id =
            options.autoRegister === false ? atOnce.lookUp(subject, schema).id : atOnce.register(subject, schema)
          return this.#known(id, compileAtOnce(atOnce, schema))
        }),
    })
  }

  /** @throws SerdeNotReadyError, SerializationError when there is no such schema */
  byId(id: number, topic: string): C {
    return this.#byId.get(id, topic)
  }

  /** @throws SerdeNotReadyError, SerializationError when the schema cannot be registered */
  writerOf(topic: string): Writer<C> {
    return this.#writers.get(topic, topic)
  }

  /**
   * For writing: registers the schema. For reading: fetches all versions of the topic's subject; a subject that is not there
   * yet is no error.
   * @throws SerdeNotReadyError when the registry cannot be asked now, SchemaRegistryError when it refuses the schema
   */
  async prepare(topic: string, use: SerdeUse): Promise<void> {
    try {
      if (use === 'serialize') await this.#writers.fetch(topic)
      else await this.#fetchVersions(topic)
    } catch (cause) {
      if (!isFailure(cause)) throw cause
      const what = `the schemas of the registry at ${this.#options.registry.name} cannot be fetched`
      throw new SerdeNotReadyError({ topic, what, ready: Promise.resolve(), cause })
    }
  }

  async #fetchVersions(topic: string): Promise<void> {
    const { registry } = this.#options
    try {
      const subject = this.#subjectOf(topic)
      for (const version of await registry.versions(subject)) {
        const { id } = await registry.version(subject, version)
        // What cannot be read with is the affair of the records that are written with it.
        await this.#byId.fetch(id).catch(throwFailure)
      }
    } catch (error) {
      throwFailure(error)
    }
  }

  /** What is written with is what will be read. */
  #known(id: number, compiled: C): Writer<C> {
    this.#byId.set(id, compiled)
    return { id, compiled }
  }

  #subjectOf(topic: string): string {
    const { subjectNameStrategy = topicNameStrategy, component = 'value' } = this.#options
    return subjectNameStrategy(topic, component, this.#own?.recordName)
  }

  #ownSchema(): OwnSchema {
    if (this.#own !== undefined) return this.#own
    throw new TypeError('A serde without a schema only reads. Give it a schema, or set useLatestVersion.')
  }
}

/** True when the registry could not be asked, which says nothing about what it was asked for. */
function isFailure(error: unknown): boolean {
  return error instanceof SchemaRegistryError && !error.isAnswer
}

function throwFailure(error: unknown): void {
  if (isFailure(error)) throw error
}
