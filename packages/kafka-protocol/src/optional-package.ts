import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** A package that may not be installed; undefined then, or when it does not run on this machine. */
export function optionalPackage<T>(name: string): T | undefined {
  try {
    return require(name) as T
  } catch {
    return undefined
  }
}
