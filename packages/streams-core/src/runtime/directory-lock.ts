import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { LockError } from '../errors.ts'

/**
 * Takes a directory by a file `.lock` that names the process: `<pid> <start time of the process>`. The lock of a process
 * that has died is taken over; the start time tells it from a later process with the same id (Linux; elsewhere the id alone
 * counts). Returns what gives it back.
 * @throws LockError when a living process holds it
 */
export function lockDirectory(directory: string): () => void {
  const path = `${directory}/.lock`
  const self = `${process.pid} ${startTimeOf(process.pid)} ${nextHolder()}`
  while (!tryCreate(path, self)) {
    const holder = readIfExists(path)
    if (holder === undefined) continue
    if (isAlive(holder)) {
      throw new LockError(
        directory,
        `The state directory ${directory} is in use by process ${holder.split(' ')[0]}. Stop it, or set another state.dir.`,
      )
    }
    rmSync(path, { force: true })
  }
  return () => {
    if (readIfExists(path) === self) rmSync(path, { force: true })
  }
}

let holders = 0
function nextHolder(): number {
  holders += 1
  return holders
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
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isAlive(holder: string): boolean {
  const [id, startTime] = holder.split(' ')
  const pid = Number(id)
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startTimeOf(pid) === startTime
}

function startTimeOf(pid: number): string {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return '-'
  }
  // The name in parentheses may hold spaces; the start time is the 20th field after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
}
