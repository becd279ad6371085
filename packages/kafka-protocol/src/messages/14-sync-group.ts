import { array, bytes, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/**
 * Hands in the assignment (the leader) and receives one's own: answered when the leader has handed it in.
 * v3 static members; v4 flexible; v5 protocol type and name.
 */
export const syncGroupApi = defineApi({
  key: 14,
  name: 'SyncGroup',
  versions: '0-5',
  flexible: '4+',
  request: struct({
    groupId: field(string, '0+'),
    generationId: field(int32, '0+'),
    memberId: field(string, '0+'),
    groupInstanceId: field(string, '3+', { nullable: '3+', default: null }),
    protocolType: field(string, '5+', { nullable: '5+', default: null }),
    protocolName: field(string, '5+', { nullable: '5+', default: null }),
    assignments: field(
      array(
        struct({
          memberId: field(string, '0+'),
          assignment: field(bytes, '0+'),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '0+'),
    protocolType: field(string, '5+', { nullable: '5+', default: null }),
    protocolName: field(string, '5+', { nullable: '5+', default: null }),
    assignment: field(bytes, '0+'),
  }),
})
