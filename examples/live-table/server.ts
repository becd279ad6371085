import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { page } from './page.ts'

/** The page and, below `/stores/`, the query service of the application, so that the page asks the server that it came from. */
export async function servePage(queries: string, port: number): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((asked, answer) => {
    if (asked.method === 'GET' && asked.url?.startsWith('/stores/')) passOn(queries, asked, answer)
    else if (asked.url === '/') answer.setHeader('content-type', 'text/html; charset=utf-8').end(page)
    else answer.writeHead(404).end()
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function passOn(queries: string, asked: IncomingMessage, answer: ServerResponse): void {
  const onward = request(queries + asked.url, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers)
    got.pipe(answer)
  })
  onward.on('error', () => answer.destroy())
  answer.on('close', () => onward.destroy())
  onward.end()
}
