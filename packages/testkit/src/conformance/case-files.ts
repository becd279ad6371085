import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseFile } from './case-file.ts'

/** A recorded case and where it was read. */
export interface LocatedCase {
  readonly path: string
  readonly file: CaseFile
}

/**
 * Every case under the folders (or in the files) given, in the order of their paths.
 * @throws Error for a path that does not exist, and for a file that is no case
 */
export function readCases(roots: readonly string[]): readonly LocatedCase[] {
  return roots.flatMap((root) => jsonFiles(root).map((path) => ({ path, file: readCase(path) })))
}

function jsonFiles(path: string): string[] {
  if (!existsSync(path)) throw new Error(`there is no ${path}`)
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(path, name))
}

function readCase(path: string): CaseFile {
  const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<CaseFile>
  if (file.name === undefined || file.topology === undefined || file.expected === undefined) {
    throw new Error(`${path} is no recorded case: it has no name, topology or expected`)
  }
  return file as CaseFile
}
