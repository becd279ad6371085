import type { Schema, SchemaRegistry, SubjectVersion, SynchronousSchemaRegistry } from './schema-registry.ts'
import { SchemaRegistryError } from './schema-registry-error.ts'

/**
 * A registry inside the process that answers at once: for the test driver, where nothing can be waited for. It keeps what it
 * is given and checks no compatibility; `@millrace/schema-registry` is the one that does.
 * @see io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient
 */
export function memorySchemaRegistry(): SchemaRegistry {
  const schemas: Schema[] = []
  const subjects = new Map<string, SubjectVersion[]>()

  const find = (subject: string, schema: Schema) => {
    const key = keyOf(schema)
    return subjects.get(subject)?.find((version) => keyOf(version) === key)
  }
  const atOnce: SynchronousSchemaRegistry = {
    schemaById(id) {
      return schemas[id - 1] ?? refuse(40403, `there is no schema ${id}`)
    },
    register(subject, schema) {
      const known = find(subject, schema)
      if (known !== undefined) return known.id
      const key = keyOf(schema)
      let id = schemas.findIndex((other) => keyOf(other) === key) + 1
      if (id === 0) id = schemas.push(schema)
      const versions = subjects.get(subject) ?? []
      versions.push({ ...schema, subject, version: versions.length + 1, id })
      subjects.set(subject, versions)
      return id
    },
    lookUp(subject, schema) {
      return find(subject, schema) ?? refuse(40403, `subject '${subject}' has no such schema`)
    },
    version(subject, version) {
      const versions = subjects.get(subject) ?? refuse(40401, `there is no subject '${subject}'`)
      const found = version === 'latest' ? versions.at(-1) : versions[version - 1]
      return found ?? refuse(40402, `subject '${subject}' has no version ${version}`)
    },
  }
  return {
    name: 'memory',
    atOnce,
    schemaById: async (id) => atOnce.schemaById(id),
    register: async (subject, schema) => atOnce.register(subject, schema),
    lookUp: async (subject, schema) => atOnce.lookUp(subject, schema),
    version: async (subject, version) => atOnce.version(subject, version),
    versions: async (subject) => {
      atOnce.version(subject, 'latest')
      return subjects.get(subject)!.map(({ version }) => version)
    },
  }
}

function keyOf({ schemaType, schema, references }: Schema): string {
  return JSON.stringify([schemaType, schema, references])
}

function refuse(errorCode: number, message: string): never {
  throw new SchemaRegistryError({ message: `In the registry in memory ${message}.`, status: 404, errorCode })
}
