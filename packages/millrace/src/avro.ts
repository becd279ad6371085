export {
  type AvroDefinition,
  type AvroSchema,
  type AvroSerdeOptions,
  type AvroTypeOptions,
  type AvroValue,
  avroSerde,
  type RegistryOptions,
} from '@millrace/serdes/avro'
