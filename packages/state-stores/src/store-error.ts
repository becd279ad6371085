/** What the errors of this package have in common: a code to branch on, and the store or directory which it is about. */
export abstract class StoreError extends Error {
  abstract readonly code: string
}

/** A store was used before `init` or after `close`. Who acts: the developer. */
export class StoreClosedError extends StoreError {
  override readonly name = 'StoreClosedError'
  readonly code = 'STORE_CLOSED'
  readonly storeName: string

  constructor(storeName: string, operation: string) {
    super(
      `Store '${storeName}' is closed: ${operation}() was called before init() or after close(). ` +
        'Do not keep a store reference outside its processor.',
    )
    this.storeName = storeName
  }
}

/** A store was declared with settings that contradict each other. Who acts: the developer. */
export class StoreConfigError extends StoreError {
  override readonly name = 'StoreConfigError'
  readonly code = 'STORE_CONFIG'
  readonly storeName: string

  constructor(storeName: string, problem: string, nextStep: string) {
    super(`Store '${storeName}': ${problem}. ${nextStep}.`)
    this.storeName = storeName
  }
}

/** Another process, or another engine of this one, has the directory open. Who acts: the operator. */
export class StoreLockedError extends StoreError {
  override readonly name = 'StoreLockedError'
  readonly code = 'STORE_LOCKED'
  readonly directory: string

  constructor(directory: string, cause?: unknown) {
    super(
      `State directory ${directory} is in use by another process or another task. ` +
        'Stop the other one, or give this application its own state.dir.',
      { cause },
    )
    this.directory = directory
  }
}

/** The files of a state directory cannot be read. Who acts: the task, by wiping the directory and restoring from the changelog. */
export class StoreCorruptError extends StoreError {
  override readonly name = 'StoreCorruptError'
  readonly code = 'STORE_CORRUPT'
  readonly directory: string

  constructor(directory: string, problem: string, cause?: unknown) {
    super(
      `State directory ${directory} is corrupt: ${problem}. ` +
        'Delete it; its stores are rebuilt from their changelogs (a store without changelog loses its data).',
      { cause },
    )
    this.directory = directory
  }
}

/** A state directory belongs to another application or was written in another format. Who acts: the operator. */
export class StoreDirectoryError extends StoreError {
  override readonly name = 'StoreDirectoryError'
  readonly code = 'STORE_DIRECTORY'
  readonly directory: string

  constructor(directory: string, problem: string, nextStep: string, cause?: unknown) {
    super(`State directory ${directory}: ${problem}. ${nextStep}.`, { cause })
    this.directory = directory
  }
}
