import { array, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Deletes groups that have no members. */
export const deleteGroupsApi = defineApi({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-2',
  flexible: '2+',
  request: struct({
    groupsNames: field(array(string), '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    results: field(
      array(
        struct({
          groupId: field(string, '0+'),
          errorCode: field(int16, '0+'),
        }),
      ),
      '0+',
    ),
  }),
})
