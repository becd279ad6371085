import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Removes entries from the access-control list. v1 pattern types; v2 flexible; v3 user resources. */
export const deleteAclsApi = defineApi({
  key: 31,
  name: 'DeleteAcls',
  versions: '1-3',
  flexible: '2+',
  request: struct({
    filters: field(
      array(
        struct({
          resourceTypeFilter: field(int8, '0+'),
          resourceNameFilter: field(string, '0+', { nullable: '0+' }),
          patternTypeFilter: field(int8, '1+', { default: 3 }),
          principalFilter: field(string, '0+', { nullable: '0+' }),
          hostFilter: field(string, '0+', { nullable: '0+' }),
          operation: field(int8, '0+'),
          permissionType: field(int8, '0+'),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    filterResults: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
          matchingAcls: field(
            array(
              struct({
                errorCode: field(int16, '0+'),
                errorMessage: field(string, '0+', { nullable: '0+', default: null }),
                resourceType: field(int8, '0+'),
                resourceName: field(string, '0+'),
                patternType: field(int8, '1+', { default: 3 }),
                principal: field(string, '0+'),
                host: field(string, '0+'),
                operation: field(int8, '0+'),
                permissionType: field(int8, '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
  }),
})
