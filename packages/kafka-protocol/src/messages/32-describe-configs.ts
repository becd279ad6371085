import { array, boolean, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/**
 * Reads configs of topics (resource type 2), brokers (4) and groups (32).
 * Sources: 1 topic, 2 dynamic broker, 3 dynamic default, 4 static broker, 5 default. v3 type and documentation.
 */
export const describeConfigsApi = defineApi({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexible: '4+',
  request: struct({
    resources: field(
      array(
        struct({
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
          configurationKeys: field(array(string), '0+', { nullable: '0+' }),
        }),
      ),
      '0+',
    ),
    includeSynonyms: field(boolean, '1+', { default: false }),
    includeDocumentation: field(boolean, '3+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    results: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
          resourceType: field(int8, '0+'),
          resourceName: field(string, '0+'),
          configs: field(
            array(
              struct({
                name: field(string, '0+'),
                value: field(string, '0+', { nullable: '0+' }),
                readOnly: field(boolean, '0+'),
                configSource: field(int8, '1+', { default: -1 }),
                isSensitive: field(boolean, '0+'),
                synonyms: field(
                  array(
                    struct({
                      name: field(string, '1+'),
                      value: field(string, '1+', { nullable: '0+' }),
                      source: field(int8, '1+'),
                    }),
                  ),
                  '1+',
                ),
                configType: field(int8, '3+', { default: 0 }),
                documentation: field(string, '3+', { nullable: '0+', default: '' }),
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
