import { bytes, defineApi, field, int16, int64, string, struct } from '../schema.ts'

/** Carries one step of a SASL exchange. v1 the lifetime of the session. */
export const saslAuthenticateApi = defineApi({
  key: 36,
  name: 'SaslAuthenticate',
  versions: '0-2',
  flexible: '2+',
  request: struct({
    authBytes: field(bytes, '0+'),
  }),
  response: struct({
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    authBytes: field(bytes, '0+'),
    sessionLifetimeMs: field(int64, '1+', { default: 0 }),
  }),
})
