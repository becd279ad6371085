import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Lists resources that have configs. */
export const listConfigResourcesApi = defineApi({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: struct({
    resourceTypes: field(array(int8), '1+', { default: [] }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    configResources: field(
      array(
        struct({
          resourceName: field(string, '0+'),
          resourceType: field(int8, '1+', { default: 16 }),
        }),
      ),
      '0+',
    ),
  }),
})
