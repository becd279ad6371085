import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Describes entries of the access-control list. v1 pattern types; v2 flexible; v3 user resources. */
export const describeAclsApi = defineApi({
  key: 29,
  name: 'DescribeAcls',
  versions: '1-3',
  flexible: '2+',
  request: struct({
    resourceTypeFilter: field(int8, '0+'),
    resourceNameFilter: field(string, '0+', { nullable: '0+' }),
    patternTypeFilter: field(int8, '1+', { default: 3 }),
    principalFilter: field(string, '0+', { nullable: '0+' }),
    hostFilter: field(string, '0+', { nullable: '0+' }),
    operation: field(int8, '0+'),
    permissionType: field(int8, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    resources: field(
      array(
        struct({
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
          patternType: field(int8, '1+', { default: 3 }),
          acls: field(
            array(
              struct({
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
