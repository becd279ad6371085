// DescribeUserScramCredentials (50), version 0
// Behaviour
//   * For which SCRAM mechanisms the users of the configuration have passwords; null or no users: all of them.
//   * A user without any: RESOURCE_NOT_FOUND.
// Version notes
//   * Flexible from the first.
// Skipped
//   * Changing them (AlterUserScramCredentials): users are the configuration's.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeUserScramCredentialsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import { scramIterations } from '../sasl.ts'

/** Kafka's numbers of the mechanisms (`ScramMechanism`). */
const mechanismNumbers = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const

export const describeUserScramCredentialsHandler = defineHandler(describeUserScramCredentialsApi, {
  handle({ users }, context) {
    if (!context.allows('describe', 'cluster', '*')) {
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, results: [] }
    }
    const known = new Map<string, { readonly mechanism: number; readonly iterations: number }[]>()
    for (const { name, mechanisms } of context.broker.users) {
      for (const mechanism of mechanisms ?? context.broker.saslMechanisms) {
        if (mechanism === 'PLAIN') continue
        const own = known.get(name) ?? []
        own.push({ mechanism: mechanismNumbers[mechanism], iterations: scramIterations })
        known.set(name, own)
      }
    }
    const asked = users === null || users.length === 0 ? [...known.keys()] : users.map(({ name }) => name)
    const results = asked.map((user) => {
      const credentialInfos = known.get(user)
      if (credentialInfos !== undefined) return { user, errorCode: errorCodes.NONE, credentialInfos }
      const errorMessage = `There are no SCRAM credentials of user '${user}'.`
      return { user, errorCode: errorCodes.RESOURCE_NOT_FOUND, errorMessage, credentialInfos: [] }
    })
    return { errorCode: errorCodes.NONE, results }
  },
  refuse: (_request, errorCode) => ({ errorCode, results: [] }),
})
