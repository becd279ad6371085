import { array, defineApi, field, int8, int16, int32, string, struct } from '../schema.ts'

/** Finds the coordinator of groups (key type 0) or transactional ids (1). v4 and later ask for many keys at once. */
export const findCoordinatorApi = defineApi({
  key: 10,
  name: 'FindCoordinator',
  versions: '0-6',
  flexible: '3+',
  request: struct({
    key: field(string, '0-3', { default: '' }),
    keyType: field(int8, '1+', { default: 0 }),
    coordinatorKeys: field(array(string), '4+', { default: [] }),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    errorCode: field(int16, '0-3', { default: 0 }),
    errorMessage: field(string, '1-3', { nullable: '1-3', default: null }),
    nodeId: field(int32, '0-3', { default: 0 }),
    host: field(string, '0-3', { default: '' }),
    port: field(int32, '0-3', { default: 0 }),
    coordinators: field(
      array(
        struct({
          key: field(string, '4+', { default: '' }),
          nodeId: field(int32, '4+', { default: 0 }),
          host: field(string, '4+', { default: '' }),
          port: field(int32, '4+', { default: 0 }),
          errorCode: field(int16, '4+', { default: 0 }),
          errorMessage: field(string, '4+', { nullable: '4+', default: null }),
        }),
      ),
      '4+',
      { default: [] },
    ),
  }),
})
