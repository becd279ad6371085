import { closeSync, openSync, writeSync } from 'node:fs'
import type { PrintTarget } from '../processors/kstream-print.ts'

const standardOutput = 1

/** Opens the file anew for each task, or standard output where none is given. */
export function openPrintTarget(file: string | undefined): () => PrintTarget {
  return () => {
    const descriptor = file === undefined ? standardOutput : openSync(file, 'w')
    const writeLine = (line: string) => void writeSync(descriptor, `${line}\n`)
    return file === undefined ? { writeLine } : { writeLine, close: () => closeSync(descriptor) }
  }
}
