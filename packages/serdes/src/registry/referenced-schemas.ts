import type { Schema, SchemaReference, SchemaRegistry, SynchronousSchemaRegistry } from './schema-registry.ts'

/** A schema with all that it refers to. */
export interface CompleteSchema extends Schema {
  /** What it uses, directly and indirectly: each after what it uses itself, with the name by which it is referred to. */
  readonly referenced: readonly { readonly name: string; readonly schema: string }[]
}

/** Fetches what a schema refers to. @throws SchemaRegistryError */
export async function withReferences(registry: SchemaRegistry, schema: Schema): Promise<CompleteSchema> {
  const found = new Map<string, string>()
  const visit = async (references: readonly SchemaReference[]): Promise<void> => {
    for (const { name, subject, version } of references) {
      if (found.has(name)) continue
      const referenced = await registry.version(subject, version)
      await visit(referenced.references)
      found.set(name, referenced.schema)
    }
  }
  await visit(schema.references)
  return complete(schema, found)
}

/** As {@link withReferences}, from a registry that answers at once. */
export function withReferencesAtOnce(registry: SynchronousSchemaRegistry, schema: Schema): CompleteSchema {
  const found = new Map<string, string>()
  const visit = (references: readonly SchemaReference[]): void => {
    for (const { name, subject, version } of references) {
      if (found.has(name)) continue
      const referenced = registry.version(subject, version)
      visit(referenced.references)
      found.set(name, referenced.schema)
    }
  }
  visit(schema.references)
  return complete(schema, found)
}

function complete(schema: Schema, found: ReadonlyMap<string, string>): CompleteSchema {
  return { ...schema, referenced: [...found].map(([name, text]) => ({ name, schema: text })) }
}
