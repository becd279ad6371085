/** What a schema says for people only. */
const comments: ReadonlySet<string> = new Set(['doc', 'description', 'title', 'examples', '$comment', '$id'])

/**
 * The differences between two schemas, one line for each place: `fields.total.type: "int" → "string"`. Comments do not count,
 * nor the order of an object's fields; parts of a list that have names are compared by these.
 */
export function schemaDifferences(before: unknown, after: unknown, path = ''): readonly string[] {
  const [was, is] = [byName(before), byName(after)]
  if (isObject(was) && isObject(is)) {
    const names = new Set([...Object.keys(was), ...Object.keys(is)])
    return [...names].flatMap((name) => {
      const [before, after] = [was, is].map((part) => (Object.hasOwn(part, name) ? part[name] : undefined))
      if (comments.has(name) && typeof (before ?? after) !== 'object') return []
      return schemaDifferences(before, after, path === '' ? name : `${path}.${name}`)
    })
  }
  if (JSON.stringify(was) === JSON.stringify(is)) return []
  const place = path === '' ? 'all of it' : path
  if (was === undefined) return [`${place} is new: ${text(is)}`]
  if (is === undefined) return [`${place} is gone: ${text(was)}`]
  return [`${place}: ${text(was)} → ${text(is)}`]
}

/** A list of parts with names as an object of them; any other list by place, if it holds more than plain values. */
function byName(value: unknown): unknown {
  if (!Array.isArray(value) || value.every((item) => typeof item !== 'object')) return value
  const named = value.every((item) => isObject(item) && typeof item['name'] === 'string')
  return Object.fromEntries(value.map((item, i) => [named ? (item as { name: string }).name : String(i), item]))
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing'
  return json.length > 100 ? `${json.slice(0, 100)}…` : json
}
