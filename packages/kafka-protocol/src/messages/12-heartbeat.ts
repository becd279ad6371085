import { defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Keeps a member of a group alive. v3 static members; v4 flexible. */
export const heartbeatApi = defineApi({
  key: 12,
  name: 'Heartbeat',
  versions: '0-4',
  flexible: '4+',
  request: struct({
    groupId: field(string, '0+'),
    generationId: field(int32, '0+'),
    memberId: field(string, '0+'),
    groupInstanceId: field(string, '3+', { nullable: '3+', default: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '0+'),
  }),
})
