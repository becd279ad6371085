import { request } from 'node:http'
import { StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { RemoteMonitoringError, serveMetrics } from '../src/monitoring/index.ts'
import { fromAsyncIterable } from '../src/streams/index.ts'
import { application, numbers, until } from './fixture.ts'

function counting(values: readonly number[]): StreamsBuilder {
  const builder = new StreamsBuilder({ logger: silentLogger })
  fromAsyncIterable(builder, values, numbers, { key: (value) => (value < 0 ? null : `k${value}`) })
    .groupByKey()
    .count({ storeName: 'counts', storeType: 'in_memory', caching: false })
  return builder
}

const get = async (url: string) => {
  const response = await fetch(url)
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

test('what a scraper and a browser ask for', async () => {
  const app = await application(counting([1, 2, -1]))
  const service = await serveMetrics(app.streams, { port: 0 })
  const json = async (path: string) => JSON.parse((await get(service.url + path)).text)

  expect((await get(`${service.url}/ready`)).status).toBe(503)
  expect((await get(`${service.url}/health`)).status).toBe(200)
  await app.streams.start()
  expect((await get(`${service.url}/ready`)).status).toBe(200)
  const samples = async () => (await get(`${service.url}/metrics`)).text.split('\n')
  const find = async (name: string) => (await samples()).filter((line) => line.startsWith(`${name}{`))
  let dropped: readonly string[] = []
  await until(() => {
    dropped = app.streams
      .metrics()
      .filter(({ name }) => name === 'dropped-records-total')
      .map(({ value }) => String(value()))
    return dropped.includes('1')
  })

  const metrics = await get(`${service.url}/metrics`)
  expect(metrics.type).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(metrics.text).toContain('# TYPE kafka_stream_task_metrics_dropped_records_total counter')
  expect(await find('kafka_stream_task_metrics_dropped_records_total')).toEqual([
    'kafka_stream_task_metrics_dropped_records_total{thread_id="edges-StreamThread-1",task_id="0_0"} 1',
  ])
  const [byReason] = await find('kafka_stream_processor_node_metrics_dropped_records_by_reason_total')
  expect(byReason).toContain('reason="null-key"')
  expect(await find('kafka_stream_metrics_state')).toEqual([
    'kafka_stream_metrics_state{client_id="edges",value="RUNNING"} 1',
  ])
  // Every line is one of the format's: a comment, or a name with labels and a number.
  const sample = /^[a-z_]\w*(\{(\w+="(?:[^"\\]|\\.)*",?)+\})? (NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/i
  expect(
    (await samples()).filter((line) => line !== '' && !/^# TYPE \w+ \w+$/.test(line) && !sample.test(line)),
  ).toEqual([])

  expect((await json('/topology')).topology).toContain('KSTREAM-SOURCE-0000000000')
  const [task] = (await json('/tasks')).tasks
  expect(task).toMatchObject({ taskId: '0_0', role: 'active', isRestoring: false, lag: 0 })
  expect(task.droppedRecords).toMatchObject([{ reason: 'null-key', count: 1 }])
  expect((await json('/stores')).stores).toMatchObject([{ name: 'counts', kind: 'key-value', isGlobal: false }])
  const lag = await json('/lag')
  expect(lag.tasks).toEqual({ '0_0': 0 })
  expect(lag.stores.counts[0]).toMatchObject({ offsetLag: 0 })

  app.streams.pause()
  expect(await json('/ready')).toMatchObject({ state: 'RUNNING', isPaused: true })
  expect((await get(`${service.url}/ready`)).status).toBe(503)
  app.streams.resume()
  expect((await get(`${service.url}/ready`)).status).toBe(200)

  expect((await get(`${service.url}/nothing`)).status).toBe(404)
  expect((await fetch(`${service.url}/metrics`, { method: 'POST' })).status).toBe(405)
  await app.close()
  expect((await get(`${service.url}/ready`)).status).toBe(503)
  expect((await get(`${service.url}/health`)).status).toBe(503)
  await service.close()
})

test('an instance is not ready while its stores are being restored', async () => {
  const first = await application(counting([1, 2, 3]))
  await first.streams.start()
  const changelog = { topic: 'edges-counts-changelog', partition: 0 }
  await until(() => first.engine.listOffset(changelog, 'latest').offset >= 3)
  await first.streams.close()

  const second = await application(counting([]), {}, first.engine)
  const service = await serveMetrics(second.streams, { port: 0 })
  // While it is paused the restoring stands still, and can be looked at.
  second.streams.pause()
  const started = second.streams.start()
  const ready = async () => JSON.parse((await get(`${service.url}/ready`)).text)
  let answer = await ready()
  while (answer.restoringTasks.length === 0) answer = await ready()
  expect(answer).toMatchObject({ state: 'REBALANCING', restoringTasks: ['0_0'] })
  expect((await get(`${service.url}/ready`)).status).toBe(503)
  second.streams.resume()
  await started
  expect((await get(`${service.url}/ready`)).status).toBe(200)
  expect(await ready()).toMatchObject({ state: 'RUNNING', restoringTasks: [] })
  await service.close()
  await second.close()
  await first.close()
})

test.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('%s is refused unless it is allowed', async (host) => {
  const app = await application(counting([]))
  await expect(serveMetrics(app.streams, { port: 0, host })).rejects.toBeInstanceOf(RemoteMonitoringError)
  await app.close()
})

test('an address that others can reach is served when it is allowed', async () => {
  const app = await application(counting([]))
  const service = await serveMetrics(app.streams, { port: 0, host: '0.0.0.0', allowRemote: true })
  expect((await get(`http://127.0.0.1:${service.port}/health`)).status).toBe(200)
  await service.close()
  await app.close()
})

test('a path that is no path is answered like one that is not there', async () => {
  const app = await application(counting([]))
  const service = await serveMetrics(app.streams, { port: 0 })
  const status = await new Promise((resolve, reject) => {
    request({ port: service.port, path: '/__proto__' }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(404)
  await service.close()
  await app.close()
})
