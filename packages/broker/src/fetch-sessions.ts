import { randomInt } from 'node:crypto'
import { errorCodes } from '@millrace/kafka-protocol'

/** One partition of a fetch. */
export interface FetchPartition {
  /** '' when the request names topics by id. */
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly maxBytes: number
  readonly currentLeaderEpoch: number
}

/** What a client was told last of a partition, so that an incremental answer leaves out what has not changed. */
interface SessionPartition {
  asked: FetchPartition
  highWatermark: number
  logStartOffset: number
}

interface FetchSession {
  readonly id: number
  readonly usesTopicIds: boolean
  epoch: number
  readonly partitions: Map<string, SessionPartition>
}

/** What a fetch asks for, seen through its session. */
export interface FetchContext {
  /** Non-zero: the whole request is refused with it. */
  readonly errorCode: number
  /** Of the answer; 0 without session. */
  readonly sessionId: number
  readonly partitions: readonly FetchPartition[]
  /** Whether the answer must name the partition. Remembers what is told. */
  isNews(partition: FetchPartition, told: ToldPartition): boolean
}

/** What an answer says of a partition. */
export interface ToldPartition {
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly recordBytes: number
}

/** The part of a fetch that speaks of its session. */
export interface FetchSessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly usesTopicIds: boolean
  readonly partitions: readonly FetchPartition[]
  readonly forgotten: readonly { readonly topic: string; readonly topicId: string; readonly partition: number }[]
}

/** So many partitions are remembered over all sessions; a session beyond that is not granted. */
const maxSessionPartitions = 200_000

/**
 * Fetch sessions: a client names its partitions once, and later only what changes; the answer leaves out partitions
 * without news. The least recently used session makes room for a new one; its client then begins again.
 * @see KIP-227, org.apache.kafka.server.FetchManager
 */
export class FetchSessions {
  readonly #maxSessions: number
  readonly #sessions = new Map<number, FetchSession>()
  #partitionCount = 0

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions
  }

  /** Opens, goes on with, or closes the session that the request is about. */
  open(request: FetchSessionRequest): FetchContext {
    if (request.sessionEpoch > 0) return this.#incremental(request)
    if (request.sessionId !== 0) this.#remove(request.sessionId)
    if (request.sessionEpoch < 0 || !this.#hasRoomFor(request.partitions.length)) return sessionless(request.partitions)
    return this.#begin(request)
  }

  #hasRoomFor(partitions: number): boolean {
    if (this.#maxSessions === 0 || partitions > maxSessionPartitions) return false
    for (const id of this.#sessions.keys()) {
      const isFull = this.#sessions.size >= this.#maxSessions
      if (!isFull && this.#partitionCount + partitions <= maxSessionPartitions) break
      this.#remove(id)
    }
    return true
  }

  #begin(request: FetchSessionRequest): FetchContext {
    // Random, so that the id of a session of an earlier broker is not taken for one of this.
    let id = randomInt(1, 0x7fff_ffff)
    while (this.#sessions.has(id)) id = randomInt(1, 0x7fff_ffff)
    const session: FetchSession = {
      id,
      usesTopicIds: request.usesTopicIds,
      epoch: 1,
      partitions: new Map(),
    }
    this.#sessions.set(session.id, session)
    this.#add(session, request.partitions)
    return sessionContext(session, true)
  }

  #incremental(request: FetchSessionRequest): FetchContext {
    const session = this.#sessions.get(request.sessionId)
    if (session === undefined) return refused('FETCH_SESSION_ID_NOT_FOUND')
    if (session.epoch !== request.sessionEpoch) return refused('INVALID_FETCH_SESSION_EPOCH')
    if (session.usesTopicIds !== request.usesTopicIds) return refused('FETCH_SESSION_TOPIC_ID_ERROR')
    session.epoch = (session.epoch % 0x7fff_ffff) + 1
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
    for (const { topic, topicId, partition } of request.forgotten) {
      if (session.partitions.delete(partitionKey(topic, topicId, partition))) this.#partitionCount--
    }
    this.#add(session, request.partitions)
    return sessionContext(session, false)
  }

  #add(session: FetchSession, partitions: readonly FetchPartition[]): void {
    for (const asked of partitions) {
      const key = partitionKey(asked.topic, asked.topicId, asked.partition)
      const known = session.partitions.get(key)
      if (known !== undefined) {
        known.asked = asked
        continue
      }
      session.partitions.set(key, { asked, highWatermark: -1, logStartOffset: -1 })
      this.#partitionCount++
    }
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    this.#partitionCount -= session.partitions.size
    this.#sessions.delete(id)
  }
}

function partitionKey(topic: string, topicId: string, partition: number): string {
  return `${topic}/${topicId}/${partition}`
}

function refused(error: 'FETCH_SESSION_ID_NOT_FOUND' | 'INVALID_FETCH_SESSION_EPOCH' | 'FETCH_SESSION_TOPIC_ID_ERROR') {
  return { errorCode: errorCodes[error], sessionId: 0, partitions: [], isNews: () => true }
}

function sessionless(partitions: readonly FetchPartition[]): FetchContext {
  return { errorCode: 0, sessionId: 0, partitions, isNews: () => true }
}

function sessionContext(session: FetchSession, isFull: boolean): FetchContext {
  return {
    errorCode: 0,
    sessionId: session.id,
    partitions: [...session.partitions.values()].map((one) => one.asked),
    isNews(asked, told) {
      const key = partitionKey(asked.topic, asked.topicId, asked.partition)
      const known = session.partitions.get(key)
      if (known === undefined) return true
      const isNews =
        isFull ||
        told.recordBytes > 0 ||
        told.errorCode !== 0 ||
        known.highWatermark !== told.highWatermark ||
        known.logStartOffset !== told.logStartOffset
      known.highWatermark = told.errorCode === 0 ? told.highWatermark : -1
      known.logStartOffset = told.errorCode === 0 ? told.logStartOffset : -1
      if (told.recordBytes > 0) {
        // To the end, so that under a byte limit every partition gets its turn.
        session.partitions.delete(key)
        session.partitions.set(key, known)
      }
      return isNews
    },
  }
}
