import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChangelogPosition, StoreCorruptError } from '@millrace/state-stores'

/** A task's stores of one kind: each kind has an engine, and with it a folder in a snapshot. */
export type SnapshotPart = 'persistent' | 'memory'

/** What a snapshot says of itself. */
export interface Snapshot {
  readonly number: number
  /** Where the copy of an engine is; undefined when the snapshot has none of that kind. */
  readonly parts: Readonly<Partial<Record<SnapshotPart, string>>>
  /** Unix ms. */
  readonly createdMs: number
  /** By store name. */
  readonly changelogOffsets: ReadonlyMap<string, ChangelogPosition>
}

const descriptionFile = 'snapshot.json'
const stagingSuffix = '.new'
const kept = 2

interface Description {
  readonly format: 1
  readonly applicationId: string
  readonly taskId: string
  readonly createdMs: number
  readonly changelogOffsets: readonly (readonly [string, ChangelogPosition])[]
  /** Sizes in bytes by `part/file`: a snapshot with a file cut off is known without reading it all. */
  readonly files: Readonly<{ [path: string]: number }>
}

/**
 * The snapshots of one task:
 *
 *     <state.snapshot.dir>/<application id>/<task id>/17/snapshot.json   whose it is, offsets, sizes of the files
 *                                                        persistent/     a LevelDB
 *                                                        memory/         a file of in-memory stores
 *                                                     18.new/            one that is being made, by one of several: 18-<maker>.new
 *
 * A number appears by a rename, when everything in it is on disk. The two newest are kept.
 */
export class SnapshotDirectory {
  readonly #path: string
  readonly #applicationId: string
  readonly #taskId: string
  readonly #maker: string | undefined

  /** `maker`: others make snapshots here too, each with a text of its own. Undefined: nobody else does. */
  constructor(directory: string, applicationId: string, taskId: string, maker?: string) {
    this.#path = join(directory, applicationId, taskId)
    this.#applicationId = applicationId
    this.#taskId = taskId
    this.#maker = maker
  }

  /** What another maker may have made last; undefined where there are no others, or it cannot be read. */
  newestOfOthers(): Snapshot | undefined {
    const [newest] = this.#maker === undefined ? [] : this.numbers()
    try {
      return newest === undefined ? undefined : this.read(newest)
    } catch {
      return undefined
    }
  }

  /** Numbers of the complete snapshots, newest first. Removes what a dead process left half made. */
  open(): readonly number[] {
    if (!existsSync(this.#path)) return []
    const names = readdirSync(this.#path)
    for (const name of names) {
      if (this.#isLeft(name, names)) rmSync(join(this.#path, name), { recursive: true, force: true })
    }
    return numbersIn(names)
  }

  /** Numbers of the complete snapshots, newest first. */
  numbers(): readonly number[] {
    return existsSync(this.#path) ? numbersIn(readdirSync(this.#path)) : []
  }

  /** @throws StoreCorruptError when the snapshot is damaged or another's */
  read(number: number): Snapshot {
    const path = join(this.#path, String(number))
    let description: Description
    try {
      description = JSON.parse(readFileSync(join(path, descriptionFile), 'utf8'))
    } catch (cause) {
      throw new StoreCorruptError(path, `it has no readable ${descriptionFile}`, cause)
    }
    const { format, applicationId, taskId, createdMs, changelogOffsets, files } = description
    if (format !== 1 || applicationId !== this.#applicationId || taskId !== this.#taskId) {
      throw new StoreCorruptError(path, `it is of task ${taskId} of application '${applicationId}' in format ${format}`)
    }
    const parts: Partial<Record<SnapshotPart, string>> = {}
    for (const [file, size] of Object.entries(files)) {
      const found = statSync(join(path, file), { throwIfNoEntry: false })?.size
      if (found !== size) throw new StoreCorruptError(path, `${file} has ${found ?? 'no'} bytes instead of ${size}`)
      const part = file.slice(0, file.indexOf('/')) as SnapshotPart
      parts[part] = join(path, part)
    }
    return { number, parts, createdMs, changelogOffsets: new Map(changelogOffsets) }
  }

  /** Where the engine of a part is to be copied to for a snapshot that is being made. */
  stagingPath(number: number, part: SnapshotPart): string {
    const path = this.#staging(number)
    mkdirSync(path, { recursive: true })
    return join(path, part)
  }

  /** Brings what was copied to disk, gives it its number, and removes older snapshots than the two newest. */
  async publish(
    number: number,
    what: { readonly createdMs: number; readonly changelogOffsets: ReadonlyMap<string, ChangelogPosition> },
  ): Promise<void> {
    const staging = this.#staging(number)
    const files: { [path: string]: number } = {}
    for (const part of await readdir(staging)) {
      for (const file of await readdir(join(staging, part))) {
        files[`${part}/${file}`] = (await stat(join(staging, part, file))).size
        await sync(join(staging, part, file))
      }
      await sync(join(staging, part))
    }
    const description: Description = {
      format: 1,
      applicationId: this.#applicationId,
      taskId: this.#taskId,
      createdMs: what.createdMs,
      changelogOffsets: [...what.changelogOffsets],
      files,
    }
    await writeFile(join(staging, descriptionFile), JSON.stringify(description))
    await sync(join(staging, descriptionFile))
    await sync(staging)
    try {
      await rename(staging, join(this.#path, String(number)))
    } catch (error) {
      // Another maker was quicker.
      const { code } = error as NodeJS.ErrnoException
      if (this.#maker !== undefined && (code === 'ENOTEMPTY' || code === 'EEXIST')) return this.abandon(number)
      throw error
    }
    await sync(this.#path)
    const names = await readdir(this.#path)
    const old = [...numbersIn(names).slice(kept).map(String), ...names.filter((name) => this.#isLeft(name, names))]
    for (const name of old) await rm(join(this.#path, name), { recursive: true, force: true })
  }

  /** Half made, and nobody is at it any more: with several makers that shows by newer ones that are complete. */
  #isLeft(name: string, names: readonly string[]): boolean {
    if (!name.endsWith(stagingSuffix)) return false
    return this.#maker === undefined || Number.parseInt(name, 10) < (numbersIn(names)[kept - 1] ?? 0)
  }

  /** Removes what was copied for a snapshot that could not be completed. */
  async abandon(number: number): Promise<void> {
    await rm(this.#staging(number), { recursive: true, force: true })
  }

  #staging(number: number): string {
    return join(this.#path, `${number}${this.#maker === undefined ? '' : `-${this.#maker}`}${stagingSuffix}`)
  }
}

function numbersIn(names: readonly string[]): number[] {
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
