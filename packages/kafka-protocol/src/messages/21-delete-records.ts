import { array, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Moves the log start offset of partitions up; offset -1 is the high watermark. */
export const deleteRecordsApi = defineApi({
  key: 21,
  name: 'DeleteRecords',
  versions: '0-2',
  flexible: '2+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                offset: field(int64, '0+'),
              }),
            ),
            '0+',
          ),
        }),
      ),
      '0+',
    ),
    timeoutMs: field(int32, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    topics: field(
      array(
        struct({
          name: field(string, '0+'),
          partitions: field(
            array(
              struct({
                partitionIndex: field(int32, '0+'),
                lowWatermark: field(int64, '0+'),
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
