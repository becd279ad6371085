const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })
const loneSurrogate = /\p{Surrogate}/gu
/** Up to this length a loop is faster than a call into the encoder, and its result lies in V8's own heap. */
const SHORT_TEXT = 32

/**
 * The UTF-8 bytes of a text. Half of a surrogate pair becomes `?`, as in Java; JavaScript's encoders write U+FFFD there,
 * which would send such a key to another partition than Java does.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length <= SHORT_TEXT) {
    const ascii = encodeAscii(text)
    if (ascii !== undefined) return ascii
  }
  const bytes = Buffer.from(text, 'utf8')
  // Text of one byte a character has no surrogates; the common case pays one comparison.
  if (bytes.length === text.length || !loneSurrogate.test(text)) return bytes
  loneSurrogate.lastIndex = 0
  return Buffer.from(text.replace(loneSurrogate, '?'), 'utf8')
}

/** Undefined: there is a character outside of ASCII. */
function encodeAscii(text: string): Uint8Array | undefined {
  const { length } = text
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return undefined
    bytes[i] = code
  }
  return bytes
}

/** The text of UTF-8 bytes. Malformed bytes become U+FFFD; a byte order mark stays, as in Java. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** As {@link decodeUtf8}, but malformed bytes throw a TypeError. */
export function decodeUtf8Strictly(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes)
}
