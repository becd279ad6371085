/** One server-sent event. */
export interface ServerSentEvent {
  readonly event: string
  readonly data: string
}

/**
 * The events of a response, as they come; comments are passed over. Ends with the response, or when the signal is aborted.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* readEvents(response: Response, signal?: AbortSignal): AsyncGenerator<ServerSentEvent, void> {
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let pending = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      pending += value
      for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
        const event = parseEvent(pending.slice(0, end))
        pending = pending.slice(end + 2)
        if (event !== undefined) yield event
      }
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** Undefined for a comment. */
function parseEvent(block: string): ServerSentEvent | undefined {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7)
    if (line.startsWith('data: ')) data.push(line.slice(6))
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') }
}
