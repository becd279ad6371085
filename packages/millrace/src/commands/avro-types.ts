import { writeFileSync } from 'node:fs'
import { type AvroJson, type SchemaFile, writeAvroTypes } from '../avro-types/write-types.ts'
import { parseArguments, readText } from './arguments.ts'
import { type Command, UsageError } from './command.ts'

export const avroTypesCommand: Command = {
  usage: `usage: millrace avro-types FILE… [--out FILE]

  FILE          an Avro schema in JSON (.avsc); one may use the names that those before it define
  --out FILE    where the TypeScript goes; default standard output

Writes an interface for each record, a type for each enum, and each schema as a constant for avroSerde.`,

  async run(args, io) {
    const parsed = parseArguments(args, { out: { type: 'string' } })
    if (parsed.words.length === 0) throw new UsageError('which files?')
    const text = writeAvroTypes(parsed.words.map(readSchema))
    const out = parsed.text('out')
    if (out === undefined) io.print(text.trimEnd())
    else writeFileSync(out, text)
    return 0
  },
}

function readSchema(name: string): SchemaFile {
  const text = readText(name)
  try {
    return { name, schema: JSON.parse(text) as AvroJson }
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
