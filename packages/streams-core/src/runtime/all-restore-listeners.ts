import type { StateRestoreListener } from './changelog-reader.ts'

/** Tells one listener, and those that come and go. */
export function allRestoreListeners(
  listener: StateRestoreListener,
  observers: ReadonlySet<StateRestoreListener>,
): StateRestoreListener {
  const all = () => [listener, ...observers]
  return {
    onRestoreStart: (...event) => {
      for (const one of all()) one.onRestoreStart?.(...event)
    },
    onBatchRestored: (...event) => {
      for (const one of all()) one.onBatchRestored?.(...event)
    },
    onRestoreEnd: (...event) => {
      for (const one of all()) one.onRestoreEnd?.(...event)
    },
    onRestoreSuspended: (...event) => {
      for (const one of all()) one.onRestoreSuspended?.(...event)
    },
  }
}
