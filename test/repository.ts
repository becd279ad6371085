import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A text file of the repository: its path from the root, and its lines. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export const root: string = fileURLToPath(new URL('..', import.meta.url))

/** Paths of all files that are in the repository or about to be: tracked, and new ones that are not ignored. */
export function paths(): readonly string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return list.split('\0').filter((path) => path !== '')
}

/** The files whose path matches; one that was deleted and is still tracked is left out. */
export function files(pattern: RegExp): readonly SourceFile[] {
  return paths()
    .filter((path) => pattern.test(path))
    .flatMap((path) => {
      const text = read(path)
      return text === undefined ? [] : [{ path, text }]
    })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Every `path:line` at which the expression matches, but for the lines that `except` accepts. */
export function places(
  sources: readonly SourceFile[],
  expression: RegExp,
  except: (line: string, path: string) => boolean = () => false,
): readonly string[] {
  return sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, i) => (expression.test(line) && !except(line, path) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  )
}
