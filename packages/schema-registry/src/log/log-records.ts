// What the records of the log say, in Confluent's JSON: a topic of either registry can be read by the other.
//
//   {"keytype":"SCHEMA","subject":"s","version":1,"magic":1}  {"subject":"s","version":1,"id":1,"schema":"…","deleted":false}
//   {"keytype":"CONFIG","subject":"s","magic":0}              {"compatibilityLevel":"FULL"}
//   {"keytype":"MODE","subject":null,"magic":0}               {"mode":"READONLY"}
//   {"keytype":"DELETE_SUBJECT","subject":"s","magic":0}      {"subject":"s","version":3}     only read here

import type { CompatibilityLevel } from '../compatibility.ts'
import type { SchemaType } from '../schema-language.ts'
import type { SchemaLogRecord } from './schema-log.ts'

/** What may be done with a subject or, where it has no mode, with all: `IMPORT` takes schemas with their ids. */
export const modes = ['READWRITE', 'READONLY', 'IMPORT'] as const

export type Mode = (typeof modes)[number]

/** A schema that another one uses, by the name under which it does so. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema under its subject. */
export interface StoredSchema {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly schemaType: SchemaType
  readonly schema: string
  readonly references: readonly SchemaReference[]
  readonly deleted: boolean
}

/** One change of the registry. A subject of null stands for all that have nothing of their own. */
export type Change =
  | { readonly kind: 'schema'; readonly schema: StoredSchema }
  | { readonly kind: 'removed'; readonly subject: string; readonly version: number }
  | { readonly kind: 'subjectDeleted'; readonly subject: string; readonly version: number }
  | { readonly kind: 'config'; readonly subject: string | null; readonly level: CompatibilityLevel | undefined }
  | { readonly kind: 'mode'; readonly subject: string | null; readonly mode: Mode | undefined }

/** The record of a change. */
export function encodeChange(change: Change): SchemaLogRecord {
  switch (change.kind) {
    case 'schema': {
      const { subject, version, id, schemaType, schema, references, deleted } = change.schema
      const value = {
        subject,
        version,
        id,
        ...(schemaType === 'AVRO' ? {} : { schemaType }),
        ...(references.length === 0 ? {} : { references }),
        schema,
        deleted,
      }
      return { key: schemaKey(subject, version), value: JSON.stringify(value) }
    }
    case 'removed':
      return { key: schemaKey(change.subject, change.version), value: null }
    case 'subjectDeleted': {
      const { subject, version } = change
      return { key: settingKey('DELETE_SUBJECT', subject), value: JSON.stringify({ subject, version }) }
    }
    case 'config': {
      const value = change.level === undefined ? null : JSON.stringify({ compatibilityLevel: change.level })
      return { key: settingKey('CONFIG', change.subject), value }
    }
    case 'mode': {
      const value = change.mode === undefined ? null : JSON.stringify({ mode: change.mode })
      return { key: settingKey('MODE', change.subject), value }
    }
  }
}

/** The change of a record; undefined when it says nothing to this registry. @throws SyntaxError when it is not JSON */
export function decodeChange(record: SchemaLogRecord): Change | undefined {
  const key = JSON.parse(record.key) as { keytype?: string; subject?: string | null; version?: number }
  const value = record.value === null ? null : (JSON.parse(record.value) as Record<string, unknown> | null)
  const subject = key.subject ?? null
  switch (key.keytype) {
    case 'SCHEMA':
      if (subject === null || key.version === undefined) return undefined
      if (value === null) return { kind: 'removed', subject, version: key.version }
      return {
        kind: 'schema',
        schema: {
          subject,
          version: key.version,
          id: value['id'] as number,
          schemaType: (value['schemaType'] ?? 'AVRO') as SchemaType,
          schema: value['schema'] as string,
          references: (value['references'] ?? []) as SchemaReference[],
          deleted: value['deleted'] === true,
        },
      }
    case 'DELETE_SUBJECT':
      if (subject === null || value === null) return undefined
      return { kind: 'subjectDeleted', subject, version: value['version'] as number }
    case 'CONFIG':
      return { kind: 'config', subject, level: value?.['compatibilityLevel'] as CompatibilityLevel | undefined }
    case 'MODE':
      return { kind: 'mode', subject, mode: value?.['mode'] as Mode | undefined }
    default:
      return undefined
  }
}

function schemaKey(subject: string, version: number): string {
  return JSON.stringify({ keytype: 'SCHEMA', subject, version, magic: 1 })
}

function settingKey(keytype: string, subject: string | null): string {
  return JSON.stringify({ keytype, subject, magic: 0 })
}
