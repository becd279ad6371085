import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { archive, buildTopology, notices, pages, teamTopic } from './topology.ts'

test('each notice goes where it belongs', () => {
  const driver = new TopologyTestDriver(buildTopology())
  const input = driver.createInputTopic(notices)
  input.pipeInput('db1', { severity: 'critical', team: 'storage', text: 'disk full' })
  input.pipeInput('web1', { severity: 'warning', team: 'frontend', text: 'slow' })
  input.pipeInput('web1', { severity: 'info', team: 'frontend', text: 'restarted' })

  expect(driver.createOutputTopic(pages).readKeyValuesToList()).toEqual([['db1', 'disk full']])
  const read = (team: string) => driver.createOutputTopic(teamTopic(team)).readValuesToList()
  expect(read('storage').map((notice) => notice!.text)).toEqual(['disk full'])
  expect(read('frontend').map((notice) => notice!.text)).toEqual(['slow'])
  expect(
    driver
      .createOutputTopic(archive)
      .readValuesToList()
      .map((notice) => notice!.text),
  ).toEqual(['restarted'])
})
