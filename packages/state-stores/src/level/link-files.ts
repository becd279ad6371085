import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { StoreDirectoryError } from '../store-error.ts'

const MAX_ATTEMPTS = 20

/**
 * Makes a consistent copy of an open LevelDB at `target`, which must not exist. Tables never change once written and are
 * hard-linked (copied where the file system cannot); the log, the manifest and CURRENT are copied. The caller makes sure that
 * nothing is being written; compaction may still go on in the background, which is noticed by the manifest, and tried again.
 *
 * The copy appears under its name only when it is complete.
 */
export function linkLevelFiles(source: string, target: string): void {
  const partial = `${target}.partial`
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    if (linkOnce(source, partial)) {
      renameSync(partial, target)
      return
    }
  }
  rmSync(partial, { recursive: true, force: true })
  throw new StoreDirectoryError(
    source,
    `no consistent copy could be made in ${MAX_ATTEMPTS} attempts, because its files kept changing`,
    'Make the copy at a quieter time',
  )
}

/** False when files changed meanwhile. */
function linkOnce(source: string, target: string): boolean {
  const current = readFileSync(join(source, 'CURRENT'), 'utf8')
  const manifest = current.trim()
  const manifestBytes = readFileSync(join(source, manifest))
  for (const file of readdirSync(source)) {
    const from = join(source, file)
    const to = join(target, file)
    try {
      if (/\.(ldb|sst)$/.test(file)) linkOrCopy(from, to)
      else if (/\.log$/.test(file) || file === 'CURRENT' || file === manifest) copyFileSync(from, to)
    } catch (error) {
      if (isCode(error, 'ENOENT')) return false
      throw error
    }
  }
  const isSame =
    readFileSync(join(source, 'CURRENT'), 'utf8') === current &&
    readFileSync(join(source, manifest)).equals(manifestBytes)
  return isSame && readFileSync(join(target, manifest)).equals(manifestBytes)
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (isCode(error, 'ENOENT')) throw error
    copyFileSync(from, to)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
