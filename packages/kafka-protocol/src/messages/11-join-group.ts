import { array, boolean, bytes, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/**
 * Enters a group, or enters it again: answered when the join phase of the rebalance ends.
 * v4 a member must call twice, with the id it was given; v5 static members; v6 flexible; v8 the reason; v9 skipAssignment.
 */
export const joinGroupApi = defineApi({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: struct({
    groupId: field(string, '0+'),
    sessionTimeoutMs: field(int32, '0+'),
    rebalanceTimeoutMs: field(int32, '1+', { default: -1 }),
    memberId: field(string, '0+'),
    groupInstanceId: field(string, '5+', { nullable: '5+', default: null }),
    protocolType: field(string, '0+'),
    protocols: field(
      array(
        struct({
          name: field(string, '0+'),
          metadata: field(bytes, '0+'),
        }),
      ),
      '0+',
    ),
    reason: field(string, '8+', { nullable: '8+', default: null }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '2+', { default: 0 }),
    errorCode: field(int16, '0+'),
    generationId: field(int32, '0+', { default: -1 }),
    protocolType: field(string, '7+', { nullable: '7+', default: null }),
    protocolName: field(string, '0+', { nullable: '7+' }),
    leader: field(string, '0+'),
    skipAssignment: field(boolean, '9+', { default: false }),
    memberId: field(string, '0+'),
    members: field(
      array(
        struct({
          memberId: field(string, '0+'),
          groupInstanceId: field(string, '5+', { nullable: '5+', default: null }),
          metadata: field(bytes, '0+'),
        }),
      ),
      '0+',
    ),
  }),
})
