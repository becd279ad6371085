import { SerdeNotReadyError } from '../serde-not-ready-error.ts'
import { SerializationError } from '../serialization-error.ts'
import { systemTime, type Time } from '../time.ts'
import { SchemaRegistryError } from './schema-registry-error.ts'

/** ms for which a refusal is believed, before the registry is asked again. */
const refusalMs = 30_000
/** Above so many questions those without an answer are forgotten. */
const maxQuestions = 10_000

/** What has been asked: an answer, a refusal, or a question under way. */
interface Question<V> {
  answer?: V
  refusal?: unknown
  /** Unix ms; after that the question is asked again. */
  refusedUntil: number
  pending?: Promise<V> | undefined
  /** Why the last attempt gave neither. */
  failure?: unknown
}

/** How {@link Answers} asks. */
export interface AnswersOptions<K, V> {
  /** A question in words, for messages: `schema id 7`. */
  readonly question: (key: K) => string
  readonly ask: (key: K) => Promise<V>
  /** Given where there is nothing to wait for. */
  readonly askAtOnce?: ((key: K) => V) | undefined
  readonly time?: Time | undefined
}

/**
 * Answers of something asynchronous for callers that cannot wait: a serde between two records. Each question is asked once;
 * its answer is kept for good, a refusal for 30 s, and a failure to ask is followed by another attempt at the next call.
 */
export class Answers<K, V> {
  readonly #options: AnswersOptions<K, V>
  readonly #time: Time
  readonly #questions = new Map<K, Question<V>>()

  constructor(options: AnswersOptions<K, V>) {
    this.#options = options
    this.#time = options.time ?? systemTime
  }

  /**
   * The answer, if it is there.
   * @throws SerializationError when the registry has refused: the exception handlers decide about the record
   * @throws SerdeNotReadyError when it has not answered yet; it is being asked
   */
  get(key: K, topic: string): V {
    const question = this.#questions.get(key)
    if (question?.answer !== undefined) return question.answer
    if (this.#options.askAtOnce !== undefined) return this.#getAtOnce(key, topic, this.#options.askAtOnce)
    if (question?.refusal !== undefined && this.#time.now() < question.refusedUntil) {
      throw refused(topic, this.#options.question(key), question.refusal)
    }
    const failure = question?.failure
    const ready = this.fetch(key).catch(() => undefined)
    throw new SerdeNotReadyError({
      topic,
      what: `${this.#options.question(key)} is being fetched`,
      ready,
      cause: failure,
    })
  }

  /** The answer, when it comes. Rejects with what `ask` rejects with. */
  async fetch(key: K): Promise<V> {
    let question = this.#questions.get(key)
    if (question === undefined) {
      question = { refusedUntil: 0 }
      this.#questions.set(key, question)
    }
    if (question.answer !== undefined) return question.answer
    question.pending ??= this.#ask(key, question)
    return question.pending
  }

  /** Gives an answer that came in another way. */
  set(key: K, answer: V): void {
    this.#questions.set(key, { answer, refusedUntil: 0 })
  }

  async #ask(key: K, question: Question<V>): Promise<V> {
    try {
      question.answer = await this.#options.ask(key)
      return question.answer
    } catch (error) {
      if (error instanceof SchemaRegistryError && !error.isAnswer) question.failure = error
      else {
        question.refusal = error
        question.refusedUntil = this.#time.now() + refusalMs
        this.#forgetRefusals()
      }
      throw error
    } finally {
      question.pending = undefined
    }
  }

  /** Bad records may name any number of ids. */
  #forgetRefusals(): void {
    if (this.#questions.size <= maxQuestions) return
    for (const [key, { answer }] of this.#questions) if (answer === undefined) this.#questions.delete(key)
  }

  #getAtOnce(key: K, topic: string, ask: (key: K) => V): V {
    try {
      const answer = ask(key)
      this.set(key, answer)
      return answer
    } catch (error) {
      throw refused(topic, this.#options.question(key), error)
    }
  }
}

function refused(topic: string, question: string, cause: unknown): SerializationError {
  if (cause instanceof SerializationError) return cause
  return new SerializationError({
    topic,
    what: `${question} cannot be used: ${(cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')}`,
    nextStep:
      'Register the schema, or correct it so that it is compatible, or let a deserialization or production exception handler decide',
    cause,
  })
}
