import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { EngineError } from './engine-error.ts'

/**
 * Takes a directory by a file `.lock` that names the process: `<pid> <start time of the process>`. The lock of a process
 * that has died is taken over; the start time tells it from a later process with the same id (Linux; elsewhere the id
 * alone counts).
 * @throws EngineError LOG_DIRECTORY_LOCKED when a living process holds it
 */
export function lockDirectory(directory: string): () => void {
  const path = `${directory}/.lock`
  const self = describeProcess(process.pid)
  if (!tryCreate(path, self)) takeOver(directory, path, self)
  return () => {
    if (readIfExists(path) === self) rmSync(path, { force: true })
  }
}

function takeOver(directory: string, path: string, self: string): void {
  const guard = `${path}.takeover`
  if (!tryCreate(guard, self)) {
    if (isYoung(guard)) throw locked(directory, 'another process, which is taking it over')
    rmSync(guard, { force: true })
    if (!tryCreate(guard, self)) throw locked(directory, 'another process, which is taking it over')
  }
  try {
    const holder = readIfExists(path)
    if (holder !== undefined) {
      if (isAlive(holder)) throw locked(directory, `process ${holder.split(' ')[0]}`)
      rmSync(path, { force: true })
    }
    if (!tryCreate(path, self)) throw locked(directory, 'another process')
  } finally {
    rmSync(guard, { force: true })
  }
}

function locked(directory: string, holder: string): EngineError {
  return new EngineError(
    'LOG_DIRECTORY_LOCKED',
    `The data directory ${directory} is in use by ${holder}. Stop it, or choose another directory.`,
  )
}

function tryCreate(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Below the ten seconds that no takeover needs. */
function isYoung(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  const uptimeMs = performance.timeOrigin + performance.now()
  return stat !== undefined && uptimeMs - stat.mtimeMs < 10_000
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(' ')[0])
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return describeProcess(pid) === holder
}

function describeProcess(pid: number): string {
  const stat = readIfExists(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  return `${pid} ${stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'}`
}
