import { array, boolean, bytes, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Describes groups with members and assignments. v5 flexible; v6 GROUP_ID_NOT_FOUND instead of the state Dead. */
export const describeGroupsApi = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: '0-6',
  flexible: '5+',
  request: struct({
    groups: field(array(string), '0+'),
    includeAuthorizedOperations: field(boolean, '3+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    groups: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '6+', { nullable: '6+', default: null }),
          groupId: field(string, '0+'),
          groupState: field(string, '0+'),
          protocolType: field(string, '0+'),
          protocolData: field(string, '0+'),
          members: field(
            array(
              struct({
                memberId: field(string, '0+'),
                groupInstanceId: field(string, '4+', { nullable: '4+', default: null }),
                clientId: field(string, '0+'),
                clientHost: field(string, '0+'),
                memberMetadata: field(bytes, '0+'),
                memberAssignment: field(bytes, '0+'),
              }),
            ),
            '0+',
          ),
          authorizedOperations: field(int32, '3+', { default: -2147483648 }),
        }),
      ),
      '0+',
    ),
  }),
})
