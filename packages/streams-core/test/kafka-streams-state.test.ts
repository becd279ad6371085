import { expect, test } from 'vitest'
import { InvariantError } from '../src/errors.ts'
import { ApplicationState, type KafkaStreamsState, validTransitions } from '../src/kafka-streams-state.ts'

const ways: { readonly [S in KafkaStreamsState]: readonly KafkaStreamsState[] } = {
  CREATED: [],
  REBALANCING: ['REBALANCING'],
  RUNNING: ['REBALANCING', 'RUNNING'],
  PENDING_SHUTDOWN: ['PENDING_SHUTDOWN'],
  NOT_RUNNING: ['PENDING_SHUTDOWN', 'NOT_RUNNING'],
  PENDING_ERROR: ['REBALANCING', 'PENDING_ERROR'],
  ERROR: ['REBALANCING', 'PENDING_ERROR', 'ERROR'],
}

test('an application goes only where Kafka Streams goes', () => {
  const all = Object.keys(ways) as KafkaStreamsState[]
  for (const from of all) {
    for (const to of all) {
      const state = new ApplicationState()
      for (const step of ways[from]) state.to(step)
      if (to === from) state.to(to)
      else if (validTransitions[from].includes(to)) state.to(to)
      else expect(() => state.to(to), `${from} to ${to}`).toThrow(InvariantError)
    }
  }
})

test('the first error is the one that the application ended with', async () => {
  const state = new ApplicationState()
  state.to('REBALANCING')
  state.fail(new Error('first'))
  state.fail(new Error('second'))
  state.end()
  await expect(state.stopped).rejects.toThrow('first')
  await expect(state.running).rejects.toThrow('first')
})

test('an application that is closed before it runs says so to who waits for its start', async () => {
  const state = new ApplicationState()
  state.to('PENDING_SHUTDOWN')
  state.end()
  await state.stopped
  await expect(state.running).rejects.toThrow('closed before it was running')
})
