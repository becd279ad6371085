import { StreamsConfigError } from '../errors.ts'

/** Where an instance answers queries, as its `application.server` says. @see org.apache.kafka.streams.state.HostInfo */
export interface HostInfo {
  readonly host: string
  readonly port: number
}

/** `host:port`, the host in brackets when it is an IPv6 address. @throws StreamsConfigError */
export function parseApplicationServer(value: string): HostInfo {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]/]+)):(\d+)$/.exec(value) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new StreamsConfigError(
      'application.server',
      `Setting 'application.server' is '${value}'; it must be host:port, for example 'worker-1:7070'.`,
    )
  }
  return { host, port: Number(port) }
}
