import { array, boolean, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Replaces all configs of a topic or broker. */
export const alterConfigsApi = defineApi({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexible: '2+',
  request: struct({
    resources: field(
      array(
        struct({
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
          configs: field(
            array(
              struct({
                name: field(string, '0+'),
                value: field(string, '0+', { nullable: '0+' }),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    validateOnly: field(boolean, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    responses: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
        }),
      ),
      '0+',
    ),
  }),
})
