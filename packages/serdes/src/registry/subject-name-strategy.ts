import type { RecordComponent } from '../serialization-error.ts'

/**
 * Under which subject a topic's schemas are kept. `recordName` is the full name of the schema: of an Avro record, enum or
 * fixed, or the `title` of a JSON Schema; undefined when it has none.
 * @see io.confluent.kafka.serializers.subject.strategy.SubjectNameStrategy
 */
export type SubjectNameStrategy = (topic: string, component: RecordComponent, recordName: string | undefined) => string

/** `<topic>-key` and `<topic>-value`: one schema per topic, with its versions. The default. */
export const topicNameStrategy: SubjectNameStrategy = (topic, component) => `${topic}-${component}`

/** The schema's own name: the same versions in all topics. @throws TypeError for a schema without a name */
export const recordNameStrategy: SubjectNameStrategy = (_topic, _component, recordName) => nameOf(recordName)

/** `<topic>-<schema's name>`: several kinds of records in one topic. @throws TypeError for a schema without a name */
export const topicRecordNameStrategy: SubjectNameStrategy = (topic, _component, recordName) =>
  `${topic}-${nameOf(recordName)}`

function nameOf(recordName: string | undefined): string {
  if (recordName !== undefined) return recordName
  throw new TypeError(
    'A schema without a name has no subject under this subject name strategy. Name the schema (a JSON Schema by its title), or use topicNameStrategy.',
  )
}
