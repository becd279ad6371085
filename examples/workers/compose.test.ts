import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const path = (name: string) => new URL(name, import.meta.url)

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly environment: Readonly<Record<string, string | number>>
  readonly volumes: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly restart?: string
  readonly stop_grace_period?: string
  readonly healthcheck?: object
}

const compose = parse(readFileSync(path('compose.yaml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, object>>
}
const { kafka, ...counters } = compose.services

test('every host has its own name, disk and workers, and waits for Kafka', () => {
  expect(Object.keys(counters)).toEqual(['counter-1', 'counter-2', 'counter-3'])
  const distinct = (of: (service: Service) => unknown) => new Set(Object.values(counters).map(of)).size
  expect([distinct(({ environment }) => environment['INSTANCE_ID']), distinct(({ volumes }) => volumes[0])]).toEqual([
    3, 3,
  ])
  for (const service of Object.values(counters)) {
    expect(service.environment['BOOTSTRAP_SERVERS']).toBe('kafka:9092')
    expect(Number(service.environment['WORKERS'])).toBeGreaterThan(1)
    expect(service.depends_on).toEqual({ kafka: { condition: 'service_healthy' } })
    expect(service.restart).toBe('unless-stopped')
  }
  expect(kafka?.healthcheck).toBeDefined()
})

test('a host has longer to stop than its workers take at most', () => {
  for (const { stop_grace_period = '0s' } of Object.values(counters)) {
    expect(Number(/^(\d+)s$/.exec(stop_grace_period)?.[1])).toBeGreaterThan(30)
  }
})

test('all that it names is there', () => {
  for (const { volumes, build } of Object.values(counters)) {
    for (const volume of volumes) expect(compose.volumes).toHaveProperty(volume.split(':')[0]!)
    expect(existsSync(path(`${build!.context}/${build!.dockerfile}`))).toBe(true)
  }
  const variables = Object.keys(counters['counter-1']!.environment)
  const program = readFileSync(path('app.ts'), 'utf8') + readFileSync(path('main.ts'), 'utf8')
  expect(variables.filter((name) => !program.includes(`'${name}'`))).toEqual([])
})
