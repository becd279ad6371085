import type { CaseFile, Expected } from '../case-file.ts'

/**
 * The case with topics of its own, so that runs on one cluster do not meet: each name gets the prefix. Cases that compute names of
 * topics keep theirs.
 */
export function withOwnTopics(file: CaseFile, prefix: string): CaseFile {
  if (file.topology.some(({ pattern, topicFn }) => pattern !== undefined || topicFn !== undefined)) return file
  const own = (topic: string): string => prefix + topic
  return {
    ...file,
    topology: file.topology.map((step) => ({
      ...step,
      ...(step.topic === undefined ? {} : { topic: own(step.topic) }),
      ...(step.topics === undefined ? {} : { topics: step.topics.map(own) }),
    })),
    input: file.input.map((input) => ('topic' in input ? { ...input, topic: own(input.topic) } : input)),
  }
}

/** The outputs under the names that the case knows. */
export function withCaseTopics(outputs: Expected['outputs'] = {}, prefix: string): NonNullable<Expected['outputs']> {
  return Object.fromEntries(
    Object.entries(outputs).map(([topic, records]) => [
      topic.startsWith(prefix) ? topic.slice(prefix.length) : topic,
      records,
    ]),
  )
}
