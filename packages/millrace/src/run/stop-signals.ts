/** Calls `stop` at the first SIGINT or SIGTERM; another one ends the process at once. Call what is returned to forget it. */
export function onStopSignal(stop: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const forget = (): void => {
    for (const signal of signals) process.off(signal, heard)
  }
  const heard = (): void => {
    forget()
    stop()
  }
  for (const signal of signals) process.on(signal, heard)
  return forget
}
