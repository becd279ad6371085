import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Describes for which SCRAM mechanisms users have credentials. */
export const describeUserScramCredentialsApi = defineApi({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: '0',
  flexible: '0+',
  request: struct({
    users: field(
      array(
        struct({
          name: field(string, '0+'),
        }),
      ),
      '0+',
      { nullable: '0+' },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    results: field(
      array(
        struct({
          user: field(string, '0+'),
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '0+', { nullable: '0+', default: null }),
          credentialInfos: field(
            array(
              struct({
                mechanism: field(int8, '0+'),
                iterations: field(int32, '0+'),
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
