// ApiVersions (18), versions 0–4
// Behaviour
//   * Lists the APIs of the handler table with the versions that are served, and Produce from version 0 on.
//   * Allowed before authentication.
//   * Features: those of `features.ts`, at their highest levels, which are final.
// Version notes
//   * v3+: the client's software name and version must look like names (letters, digits, '-', '.'): else INVALID_REQUEST.
//   * v3: only features whose lowest level is not 0 may be listed as supported, as in Kafka.
//   * Above v4: answered in the layout of v0 with UNSUPPORTED_VERSION and this API alone, as Kafka does.
// Skipped
//   * Other features of Kafka: metadata.version and what has to do with replicas, share groups and streams groups.

import { errorCodes } from '@millrace/kafka-protocol'
import { apiVersionsApi, ProtocolWriter } from '@millrace/kafka-protocol/messages'
import { featuresFor } from '../features.ts'
import { frameOf } from '../frame.ts'
import { defineHandler, type Handler } from '../handler.ts'

const softwareName = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/

/** The handler lists `served`, which may hold the handler itself. */
export function apiVersionsHandler(served: () => readonly Handler[]): Handler {
  return defineHandler(apiVersionsApi, {
    handle(request, context) {
      const isNamed = softwareName.test(request.clientSoftwareName) && softwareName.test(request.clientSoftwareVersion)
      if (context.version >= 3 && !isNamed) return { errorCode: errorCodes.INVALID_REQUEST, apiKeys: [] }
      const apiKeys = served()
        .map(({ api, advertisedMinVersion: minVersion, maxVersion }) => ({ apiKey: api.key, minVersion, maxVersion }))
        .sort((a, b) => a.apiKey - b.apiKey)
      return { errorCode: errorCodes.NONE, apiKeys, ...featuresFor(context.version) }
    },
    refuse: (_request, errorCode) => ({ errorCode, apiKeys: [] }),
  })
}

/** The answer to a version that is not served: the client reads from it what to ask. */
export function unsupportedApiVersions(correlationId: number): Uint8Array[] {
  const writer = new ProtocolWriter(32)
  writer.int32(0)
  writer.int32(correlationId)
  const { key, minVersion, maxVersion } = apiVersionsApi
  const answer = { errorCode: errorCodes.UNSUPPORTED_VERSION, apiKeys: [{ apiKey: key, minVersion, maxVersion }] }
  apiVersionsApi.response.write(writer, answer, 0)
  return frameOf(writer)
}
