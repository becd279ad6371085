import { endOf, isWindowed, type Value, windowedAsObject } from './value.ts'

/** JSON text without spaces, as the recorder's JSON library writes it (it differs from `JSON.stringify` in fractions). */
export function jsonText(x: Value): string {
  if (x === null || typeof x === 'boolean') return String(x)
  if (typeof x === 'number') return numberText(x)
  if (typeof x === 'string') return stringText(x)
  if (isWindowed(x)) return jsonText(windowedAsObject(x))
  if (Array.isArray(x)) return `[${x.map(jsonText).join(',')}]`
  const fields = Object.entries(x as { readonly [field: string]: Value })
  return `{${fields.map(([name, value]) => `${stringText(name)}:${jsonText(value)}`).join(',')}}`
}

/** `str(x)` of the case format: a string is itself, a fraction is in plain notation, a windowed key is `key@start-end`. */
export function str(x: Value): string {
  if (typeof x === 'string') return x
  if (typeof x === 'number') return plainText(x)
  if (isWindowed(x)) return `${str(x.key)}@${x.window.start}-${endOf(x)}`
  return jsonText(x)
}

/** The JSON value at the start of the text; what follows it is ignored. Blank text is null. @throws SyntaxError */
export function parseFirstJson(text: string): Value {
  if (text.trim() === '') return null
  return JSON.parse(text.slice(0, endOfFirstValue(text))) as Value
}

function endOfFirstValue(text: string): number {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (inString) {
      if (c === '\\') i++
      else if (c === '"') inString = false
    } else if (c === '"') inString = true
    else if (c === '{' || c === '[') depth++
    else if (c === '}' || c === ']') depth--
    else continue
    if (depth <= 0 && !inString && (c === '"' || c === '}' || c === ']')) return i + 1
  }
  const scalar = /^\s*\S+/.exec(text)
  return depth === 0 && !inString && scalar !== null ? scalar[0].length : text.length
}

/** Integers beyond ±(2^53 − 1) are decimal strings; fractions are as `Double.toString` gives them. */
function numberText(x: number): string {
  if (Number.isInteger(x)) return Number.isSafeInteger(x) ? String(x) : `"${BigInt(x)}"`
  return javaDoubleText(x)
}

/** A fraction's shortest digits; with an exponent (`1.5E-4`) below 10^-3 and from 10^7 on. */
export function javaDoubleText(x: number): string {
  const size = Math.abs(x)
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(x) ? `${x}.0` : String(x)
  const [digits, exponent] = x.toExponential().split('e') as [string, string]
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** Decimal notation without an exponent and without trailing zeros. */
function plainText(x: number): string {
  const text = String(x)
  const [digits, exponent] = text.split('e') as [string, string | undefined]
  if (exponent === undefined) return Number.isSafeInteger(x) || !Number.isInteger(x) ? text : String(BigInt(x))
  if (Number.isInteger(x)) return String(BigInt(x))
  const [whole, fraction = ''] = digits.replace('-', '').split('.') as [string, string | undefined]
  const zeros = '0'.repeat(-Number(exponent) - whole.length)
  return `${x < 0 ? '-' : ''}0.${zeros}${whole}${fraction}`
}

const escapes: { readonly [c: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

function stringText(x: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes exactly these
  return `"${x.replace(/["\\\u0000-\u001f]/g, (c) => escapes[c] ?? hexEscape(c))}"`
}

function hexEscape(c: string): string {
  return `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}
