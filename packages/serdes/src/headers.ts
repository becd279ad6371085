/** One header: a name and its bytes, or null bytes. */
export interface Header {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * The headers of a record: an ordered list in which names may repeat. Immutable: `add` and `remove` return a new list,
 * so that a record forwarded to two branches cannot be changed by one of them.
 *
 * @see org.apache.kafka.common.header.Headers — there the list is mutable and shared between branches.
 */
export class Headers implements Iterable<Header> {
  /** The list without headers; shared by all records that have none. */
  static readonly empty: Headers = new Headers([])

  readonly #list: readonly Header[]

  private constructor(list: readonly Header[]) {
    this.#list = list
  }

  /** Headers from a list, in order. An empty list gives {@link Headers.empty}. */
  static of(list: readonly Header[]): Headers {
    return list.length === 0 ? Headers.empty : new Headers(list.slice())
  }

  /** The number of headers. */
  get size(): number {
    return this.#list.length
  }

  /** These headers with one more at the end. A string value is written as UTF-8. */
  add(key: string, value: Uint8Array | string | null): Headers {
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
    return new Headers([...this.#list, { key, value: bytes }])
  }

  /** These headers without any of that name. */
  remove(key: string): Headers {
    return Headers.of(this.#list.filter((header) => header.key !== key))
  }

  /** The last header of that name, or undefined. */
  lastHeader(key: string): Header | undefined {
    return this.#list.findLast((header) => header.key === key)
  }

  /** All headers of that name, in order. */
  headers(key: string): readonly Header[] {
    return this.#list.filter((header) => header.key === key)
  }

  /** All headers, in order. */
  toArray(): readonly Header[] {
    return this.#list
  }

  [Symbol.iterator](): Iterator<Header> {
    return this.#list[Symbol.iterator]()
  }
}
