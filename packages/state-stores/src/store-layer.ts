import type { BytesStore, BytesStoreContext } from './bytes-store.ts'

/** A store on top of another: what every layer passes on as it is. */
export abstract class StoreLayer<Inner extends BytesStore> implements BytesStore {
  readonly name: string
  protected readonly inner: Inner

  constructor(inner: Inner) {
    this.name = inner.name
    this.inner = inner
  }

  init(context: BytesStoreContext): void {
    this.inner.init(context)
  }

  isOpen(): boolean {
    return this.inner.isOpen()
  }

  close(): void {
    this.inner.close()
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.inner.restore(key, value, timestamp)
  }
}
