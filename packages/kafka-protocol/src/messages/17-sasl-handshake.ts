import { array, defineApi, field, int16, string, struct } from '../schema.ts'

/** Chooses a SASL mechanism. After v1 the exchange travels in SaslAuthenticate, after v0 in bare frames. */
export const saslHandshakeApi = defineApi({
  key: 17,
  name: 'SaslHandshake',
  versions: '0-1',

  request: struct({
    mechanism: field(string, '0+'),
  }),
  response: struct({
    errorCode: field(int16, '0+'),
    mechanisms: field(array(string), '0+'),
  }),
})
