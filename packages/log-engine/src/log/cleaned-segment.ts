import type { FileSystem } from '../file-system.ts'
import { LogSegment, segmentFileName } from './log-segment.ts'

/** While it is written. */
export const cleanedSuffix = '.cleaned'

const logEndings = ['.log', '.index', '.timeindex', '.txnindex']

/**
 * Makes a cleaned segment ready to stand in the place of those from its base offset up to `nextBaseOffset`, in steps of which
 * each can be the last before a crash:
 *
 *   1. `<base>.log.cleaned` and its indexes are durable.
 *   2. `<base>.log.cleaned` becomes `<base>-<next>.swap`: from here on it counts.
 *   3. The replaced files go, the indexes get their names, and `<base>-<next>.swap` becomes `<base>.log`.
 *
 * Settles after the second step with a function that takes the third, and returns the segment under its new name, sealed. In
 * the same turn the log has to let go of the replaced ones: they name files that are gone, or another's.
 */
export async function prepareSwap(
  fileSystem: FileSystem,
  folder: string,
  cleaned: LogSegment,
  nextBaseOffset: number,
): Promise<() => LogSegment> {
  cleaned.seal()
  await cleaned.sync(true)
  cleaned.closeFile()
  const swap = `${folder}/${segmentFileName(cleaned.baseOffset)}-${segmentFileName(nextBaseOffset)}.swap`
  fileSystem.rename(cleaned.path, swap)
  await fileSystem.syncDirectory(folder)
  return () => {
    finishSwap(fileSystem, folder, swap, cleaned.baseOffset, nextBaseOffset)
    const segment = new LogSegment(fileSystem, folder, cleaned.baseOffset)
    segment.openSealed()
    return segment
  }
}

/** After a crash: finishes what counts already, and removes what does not yet. */
export function finishCleaning(fileSystem: FileSystem, folder: string): void {
  const names = fileSystem.list(folder)
  for (const name of names) {
    const swap = /^(\d{20})-(\d{20})\.swap$/.exec(name)
    if (swap) finishSwap(fileSystem, folder, `${folder}/${name}`, Number(swap[1]), Number(swap[2]))
  }
  for (const name of fileSystem.list(folder)) if (name.endsWith(cleanedSuffix)) fileSystem.remove(`${folder}/${name}`)
}

function finishSwap(fileSystem: FileSystem, folder: string, swap: string, base: number, next: number): void {
  for (const name of fileSystem.list(folder)) {
    const [, offset = '', ending = ''] = /^(\d{20})(\.[a-z]+)$/.exec(name) ?? []
    if (logEndings.includes(ending) && Number(offset) >= base && Number(offset) < next)
      fileSystem.remove(`${folder}/${name}`)
  }
  const stem = `${folder}/${segmentFileName(base)}`
  for (const ending of logEndings.slice(1)) {
    const path = `${stem}${ending}`
    if (fileSystem.exists(path + cleanedSuffix)) fileSystem.rename(path + cleanedSuffix, path)
  }
  fileSystem.rename(swap, `${stem}.log`)
}
