import { type Serde, Serdes, SerializationError } from '@millrace/serdes'
import type { SerdeName } from './case-file.ts'
import { jsonText, parseFirstJson } from './json-text.ts'
import { normalised, type Value } from './value.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strings = Serdes.string()
const doubles = Serdes.float64()

/** JSON text in the recorder's spelling. Malformed UTF-8 is read as U+FFFD, and what follows the first value is ignored. */
const json: Serde<Value> = {
  name: 'json',
  serialize: (topic, value) => (value === null ? null : strings.serialize(topic, jsonText(value))),
  deserialize(topic, bytes) {
    if (bytes === null) return null
    try {
      return parseFirstJson(decoder.decode(bytes))
    } catch (cause) {
      throw new SerializationError({ topic, what: 'json: not valid', nextStep: 'Correct the case', cause })
    }
  },
}

const double: Serde<number> = {
  name: 'double',
  immutable: true,
  serialize: (topic, value) => doubles.serialize(topic, value),
  deserialize(topic, bytes) {
    const value = doubles.deserialize(topic, bytes)
    return value === null ? null : normalised(value)
  },
}

const byName: { readonly [name in SerdeName]: unknown } = {
  json,
  double,
  string: strings,
  long: Serdes.int64(),
  integer: Serdes.int32(),
}

/** The serde of a name; a value outside its type is an error when it is written. @throws RangeError for an unknown name. */
export function caseSerde(name: SerdeName): Serde<Value> {
  if (!Object.hasOwn(byName, name)) throw new RangeError(`unknown serde '${name}'`)
  return byName[name] as Serde<Value>
}
