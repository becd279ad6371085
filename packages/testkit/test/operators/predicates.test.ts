import { Serdes, topic } from '@millrace/serdes'
import { type KStream, type Predicate, StreamsBuilder, silentLogger } from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

const string = Serdes.string()
const input = topic('in', { key: string, value: string })
const output = topic('out', { key: string, value: string })

const operators: {
  readonly [name: string]: (stream: KStream<string, string>, predicate: Predicate<string, string>) => void
} = {
  'filter of a stream': (stream, predicate) => stream.filter(predicate).to(output),
  'filter of a table': (stream, predicate) => stream.toTable().filter(predicate).toStream().to(output),
  branch: (stream, predicate) =>
    stream.split({ name: 'b-' }).branch(predicate, { name: 'yes' }).noDefaultBranch().get('b-yes')!.to(output),
}

function results(operator: string, predicate: (value: string) => unknown): readonly (string | null)[] {
  const builder = new StreamsBuilder({ logger: silentLogger })
  operators[operator]!(builder.stream(input), predicate as never)
  const driver = new TopologyTestDriver(builder.build())
  for (const [key, value] of [
    ['k', 'yes'],
    ['l', ''],
  ] as const)
    driver.createInputTopic(input).pipeInput(key, value)
  return driver.createOutputTopic(output).readValuesToList()
}

test.each(Object.keys(operators))('%s: a truthy value means yes, as anywhere in JavaScript', (operator) => {
  expect(results(operator, (value) => value || undefined).filter((value) => value !== null)).toEqual(['yes'])
})

test.each(Object.keys(operators))('%s: an async predicate, which would always mean yes, is refused', (operator) => {
  const predicate = async () => {
    throw new Error('lost')
  }
  expect(() => results(operator, predicate)).toThrow(/predicate is an async function.*mapValuesAsync/)
})
