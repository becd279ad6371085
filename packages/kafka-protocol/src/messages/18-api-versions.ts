import { array, boolean, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/**
 * Tells which APIs and versions are served, and the features of the cluster.
 * The answer's header is version 0 in every version, so that a client which asked too high can read it. v3 flexible.
 */
export const apiVersionsApi = defineApi({
  key: 18,
  name: 'ApiVersions',
  versions: '0-4',
  flexible: '3+',
  request: struct({
    clientSoftwareName: field(string, '3+', { default: '' }),
    clientSoftwareVersion: field(string, '3+', { default: '' }),
  }),
  response: struct({
    errorCode: field(int16, '0+'),
    apiKeys: field(
      array(
        struct({
          apiKey: field(int16, '0+'),
          minVersion: field(int16, '0+'),
          maxVersion: field(int16, '0+'),
        }),
      ),
      '0+',
    ),
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    supportedFeatures: field(
      array(
        struct({
          name: field(string, '3+', { default: '' }),
          minVersion: field(int16, '3+', { default: 0 }),
          maxVersion: field(int16, '3+', { default: 0 }),
        }),
      ),
      '3+',
      { tag: 0, default: [] },
    ),
    finalizedFeaturesEpoch: field(int64, '3+', { tag: 1, default: -1 }),
    finalizedFeatures: field(
      array(
        struct({
          name: field(string, '3+', { default: '' }),
          maxVersionLevel: field(int16, '3+', { default: 0 }),
          minVersionLevel: field(int16, '3+', { default: 0 }),
        }),
      ),
      '3+',
      { tag: 2, default: [] },
    ),
    zkMigrationReady: field(boolean, '3+', { tag: 3, default: false }),
  }),
})
