/** Where the job writes: lines that stay, and on a terminal one line that is written over. */
export interface Output {
  line(text: string): void
  progress(text: string): void
}

/** On a terminal progress is one line that changes; elsewhere a plain line now and then. */
export function streamOutput(stream: NodeJS.WriteStream, minPauseMs = 500): Output {
  let last = 0
  // A reader that goes away (`| head`) ends the output, not the job.
  stream.on('error', () => {})
  return {
    line(text) {
      if (stream.isTTY) stream.write('\r\x1b[K')
      stream.write(`${text}\n`)
    },
    progress(text) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${text}`)
        return
      }
      if (Date.now() - last < minPauseMs) return
      last = Date.now()
      stream.write(`${text}\n`)
    },
  }
}
