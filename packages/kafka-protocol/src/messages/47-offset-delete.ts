import { array, defineApi, field, int16, int32, string, struct } from '../schema.ts'

/** Deletes committed offsets of topics that no member of the group subscribes to. Never flexible. */
export const offsetDeleteApi = defineApi({
  key: 47,
  name: 'OffsetDelete',
  versions: '0',

  request: struct({
    groupId: field(string, '0+'),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
  }),
  response: struct({
    errorCode: field(int16, '0+'),
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                errorCode: field(int16, '0+'),
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
