import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Adds entries to the access-control list. v1 pattern types; v2 flexible; v3 user resources. */
export const createAclsApi = defineApi({
  key: 30,
  name: 'CreateAcls',
  versions: '1-3',
  flexible: '2+',
  request: struct({
    creations: field(
      array(
        struct({
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
          resourcePatternType: field(int8, '1+', { default: 3 }),
          principal: field(string, '0+'),
          host: field(string, '0+'),
          operation: field(int8, '0+'),
          permissionType: field(int8, '0+'),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    results: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
        }),
      ),
      '0+',
    ),
  }),
})
