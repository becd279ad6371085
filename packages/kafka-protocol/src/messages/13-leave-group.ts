import { array, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Takes members out of a group. v3 many members; v4 flexible; v5 the reason. */
export const leaveGroupApi = defineApi({
  key: 13,
  name: 'LeaveGroup',
  versions: '0-5',
  flexible: '4+',
  request: struct({
    groupId: field(string, '0+'),
    memberId: field(string, '0-2', { default: '' }),
    members: field(
      array(
        struct({
          memberId: field(string, '3+', { default: '' }),
          groupInstanceId: field(string, '3+', { nullable: '3+', default: null }),
          reason: field(string, '5+', { nullable: '5+', default: null }),
        }),
      ),
      '3+',
      { default: [] },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '0+'),
    members: field(
      array(
        struct({
          memberId: field(string, '3+', { default: '' }),
          groupInstanceId: field(string, '3+', { nullable: '3+', default: null }),
          errorCode: field(int16, '3+', { default: 0 }),
        }),
      ),
      '3+',
      { default: [] },
    ),
  }),
})
