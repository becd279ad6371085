import { type CacheContext, RecordCache } from '../../src/index.ts'

/** A cache whose record contexts are numbers; `current` is the one in process. */
export function cacheContext(maxBytes: number): CacheContext<number> & { current: number } {
  return {
    current: 0,
    cache: new RecordCache<number>({ maxBytes, contextBytes: () => 20 }),
    cacheName: '0_0-store',
    recordContext() {
      return this.current
    },
    setRecordContext(context) {
      this.current = context
    },
  }
}
