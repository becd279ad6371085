import { array, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Lists groups. v3 flexible; v4 by state; v5 by type. */
export const listGroupsApi = defineApi({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: struct({
    statesFilter: field(array(string), '4+', { default: [] }),
    typesFilter: field(array(string), '5+', { default: [] }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '0+'),
    groups: field(
      array(
        struct({
          groupId: field(string, '0+'),
          protocolType: field(string, '0+'),
          groupState: field(string, '4+', { default: '' }),
          groupType: field(string, '5+', { default: '' }),
        }),
      ),
      '0+',
    ),
  }),
})
