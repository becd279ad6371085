// Fetch (1), versions 4–18
// Behaviour
//   * Returns whole batches as they are stored, from the one that holds the offset on: the client skips what is before.
//   * Waits until minBytes are there or maxWaitMs have passed. An error in one partition is answered at once.
//   * The first batch is returned however small the limits are; after it the limits hold.
//   * read_committed ends at the last stable offset and names the aborted transactions; nothing is filtered here.
// Version notes
//   * v7+: sessions (fetch-sessions.ts).  * v9+: the leader epoch is compared.  * v13+: topics by id.
// Skipped
//   * Preferred replicas, diverging epochs (they concern followers), snapshots.

import { errorCodes } from '@millrace/kafka-protocol'
import { fetchApi, type RequestOf, type ResponseInputOf } from '@millrace/kafka-protocol/messages'
import type { FetchPosition, IsolationLevel } from '@millrace/log-engine'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf } from '../error-mapping.ts'
import type { FetchContext, FetchPartition } from '../fetch-sessions.ts'
import { defineHandler } from '../handler.ts'
import { checkLeaderEpoch } from '../leader-epoch.ts'
import type { RequestContext } from '../request-context.ts'

type Request = RequestOf<typeof fetchApi>
type Answer = ResponseInputOf<typeof fetchApi>
type TopicAnswer = Answer['responses'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]

/** What one pass over the partitions has read. */
interface Reading {
  readonly answers: readonly { readonly asked: FetchPartition; readonly answer: PartitionAnswer }[]
  readonly recordBytes: number
  readonly hasError: boolean
  /** Where each partition goes on after what was read. */
  readonly positions: readonly FetchPosition[]
}

export const fetchHandler = defineHandler(fetchApi, {
  handle(request, context) {
    const fetch = openSession(request, context)
    if (fetch.errorCode !== 0) return { errorCode: fetch.errorCode, responses: [] }
    const first = read(fetch.partitions, request, context)
    if (isEnough(first, request) || request.maxWaitMs <= 0) return answerOf(first, fetch)
    return waitAndRead(first, fetch, request, context)
  },
  refuse: (request, errorCode, context) => ({
    errorCode: context.version >= 7 ? errorCode : 0,
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => failed(partition, errorCode)),
    })),
  }),
})

function openSession(request: Request, context: RequestContext): FetchContext {
  return context.broker.fetchSessions.open({
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds: context.version >= 13,
    partitions: request.topics.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((one) => ({
        topic,
        topicId,
        partition: one.partition,
        fetchOffset: one.fetchOffset,
        maxBytes: one.partitionMaxBytes,
        currentLeaderEpoch: one.currentLeaderEpoch,
      })),
    ),
    forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
      partitions.map((partition) => ({ topic, topicId, partition })),
    ),
  })
}

function isEnough(reading: Reading, request: Request): boolean {
  return reading.hasError || reading.positions.length === 0 || reading.recordBytes >= request.minBytes
}

function isolationOf(request: Request): IsolationLevel {
  return request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
}

async function waitAndRead(
  first: Reading,
  fetch: FetchContext,
  request: Request,
  context: RequestContext,
): Promise<Answer> {
  const { time } = context.broker
  const deadline = time.now() + request.maxWaitMs
  const options = { isolation: isolationOf(request), signal: context.connection.signal }
  let reading = first
  while (!isEnough(reading, request)) {
    const waitMs = deadline - time.now()
    if (waitMs <= 0 || context.connection.signal.aborted) break
    const hasData = await context.engine.waitForData(reading.positions, waitMs, options)
    if (context.connection.signal.aborted) break
    // Also when there is nothing to read the offsets may have moved on.
    reading = read(fetch.partitions, request, context)
    if (!hasData) break
  }
  return answerOf(reading, fetch)
}

function read(partitions: readonly FetchPartition[], request: Request, context: RequestContext): Reading {
  const answers: { asked: FetchPartition; answer: PartitionAnswer }[] = []
  const positions: FetchPosition[] = []
  const { config, memory } = context.broker
  const limit = Math.min(request.maxBytes, config.number('fetch.max.bytes'), Math.max(memory.freeBytes, 1))
  let recordBytes = 0
  let hasError = false
  for (const asked of partitions) {
    try {
      const topic = topicOf(asked, context)
      const topicPartition = { topic, partition: asked.partition }
      checkLeaderEpoch(context.engine, topicPartition, asked.currentLeaderEpoch)
      const left = limit - recordBytes
      // Beyond the limit a partition is still looked at, for its offsets and errors.
      const maxBytes = Math.max(1, Math.min(asked.maxBytes, left))
      const found = context.engine.fetch(topicPartition, asked.fetchOffset, {
        maxBytes,
        isolation: isolationOf(request),
        checkCrcs: false,
        allocate: (length) => context.connection.answerMemory(length),
      })
      const records = left > 0 || recordBytes === 0 ? found.batches : found.batches.subarray(0, 0)
      recordBytes += records.byteLength
      const end = request.isolationLevel === 1 ? found.lastStableOffset : found.highWatermark
      positions.push({ ...topicPartition, offset: Math.max(asked.fetchOffset, end) })
      answers.push({
        asked,
        answer: {
          partitionIndex: asked.partition,
          errorCode: errorCodes.NONE,
          highWatermark: found.highWatermark,
          lastStableOffset: found.lastStableOffset,
          logStartOffset: found.logStartOffset,
          abortedTransactions: found.abortedTransactions,
          records,
        },
      })
    } catch (error) {
      hasError = true
      answers.push({ asked, answer: failed(asked.partition, errorCodeOf(error)) })
    }
  }
  return { answers, recordBytes, hasError, positions }
}

function topicOf(asked: FetchPartition, context: RequestContext): string {
  const name = context.version < 13 ? asked.topic : context.broker.topicIds.find(asked.topicId)?.name
  if (name === undefined) throw new RequestError('UNKNOWN_TOPIC_ID', `There is no topic with id ${asked.topicId}.`)
  if (!context.allows('read', 'topic', name))
    throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not read ${name}.`)
  return name
}

function answerOf(reading: Reading, fetch: FetchContext): Answer {
  const topics = new Map<string, TopicAnswer & { partitions: PartitionAnswer[] }>()
  for (const { asked, answer } of reading.answers) {
    const { errorCode, highWatermark } = answer
    const told = {
      errorCode,
      highWatermark,
      logStartOffset: answer.logStartOffset ?? -1,
      recordBytes: answer.records?.byteLength ?? 0,
    }
    if (!fetch.isNews(asked, told)) continue
    const key = asked.topic === '' ? asked.topicId : asked.topic
    const topic = topics.get(key)
    if (topic === undefined) topics.set(key, { topic: asked.topic, topicId: asked.topicId, partitions: [answer] })
    else topic.partitions.push(answer)
  }
  return { sessionId: fetch.sessionId, responses: [...topics.values()] }
}

function failed(partitionIndex: number, errorCode: number): PartitionAnswer {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1,
    abortedTransactions: null,
    records: new Uint8Array(0),
  }
}
