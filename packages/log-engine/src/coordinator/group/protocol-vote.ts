import type { MemberProtocol } from './group-requests.ts'

/** Who has a say in the protocol of a group. */
export interface Voter {
  /** In the order of preference. */
  readonly protocols: readonly MemberProtocol[]
}

/** Whether one of the names is among the protocols of every voter. */
export function hasCommonProtocol(voters: Iterable<Voter>, protocols: readonly MemberProtocol[]): boolean {
  const common = commonProtocols(voters)
  return protocols.some(({ name }) => common === undefined || common.has(name))
}

/**
 * The protocol that a group follows: among those that all members have, each member votes for the one it prefers. Of two
 * with the same number of votes the one that was voted for first.
 * @returns undefined when there is none in common
 * @see org.apache.kafka.coordinator.group.classic.ClassicGroup (selectProtocol)
 */
export function chooseProtocol(voters: readonly Voter[]): string | undefined {
  const common = commonProtocols(voters)
  const votes = new Map<string, number>()
  for (const { protocols } of voters) {
    const vote = protocols.find(({ name }) => common?.has(name))
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1)
  }
  let chosen: string | undefined
  for (const [name, count] of votes) if (chosen === undefined || count > votes.get(chosen)!) chosen = name
  return chosen
}

/** undefined without voters. */
function commonProtocols(voters: Iterable<Voter>): ReadonlySet<string> | undefined {
  let common: Set<string> | undefined
  for (const { protocols } of voters) {
    if (common === undefined) common = new Set(protocols.map(({ name }) => name))
    else for (const name of common) if (!protocols.some((protocol) => protocol.name === name)) common.delete(name)
  }
  return common
}
