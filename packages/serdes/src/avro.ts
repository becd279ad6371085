// Avro: `@millrace/serdes/avro`. Needs avsc.

export type { AvroDefinition, AvroSchema, AvroValue } from './avro/avro-schema.ts'
export { type AvroSerdeOptions, avroSerde } from './avro/avro-serde.ts'
export type { AvroTypeOptions } from './avro/compile-avro.ts'
export type { RegistryOptions } from './registry/registered-schemas.ts'
