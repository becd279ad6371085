import { array, boolean, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Describes the brokers of a cluster. v1 controllers; v2 fenced brokers. */
export const describeClusterApi = defineApi({
  key: 60,
  name: 'DescribeCluster',
  versions: '0-2',
  flexible: '0+',
  request: struct({
    includeClusterAuthorizedOperations: field(boolean, '0+'),
    endpointType: field(int8, '1+', { default: 1 }),
    includeFencedBrokers: field(boolean, '2+', { default: false }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '0+'),
    errorMessage: field(string, '0+', { nullable: '0+', default: null }),
    endpointType: field(int8, '1+', { default: 1 }),
    clusterId: field(string, '0+'),
    controllerId: field(int32, '0+', { default: -1 }),
    brokers: field(
      array(
        struct({
          brokerId: field(int32, '0+'),
          host: field(string, '0+'),
          port: field(int32, '0+'),
          rack: field(string, '0+', { nullable: '0+', default: null }),
          isFenced: field(boolean, '2+', { default: false }),
        }),
      ),
      '0+',
    ),
    clusterAuthorizedOperations: field(int32, '0+', { default: -2147483648 }),
  }),
})
