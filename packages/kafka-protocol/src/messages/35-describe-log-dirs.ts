import { array, boolean, defineApi, field, int16, int32, int64, string, struct } from '../schema.ts'

/** Tells how large partitions are. v3 an error for the whole; v4 sizes of the volume. */
export const describeLogDirsApi = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  versions: '1-5',
  flexible: '2+',
  request: struct({
    topics: field(
      array(
        struct({
          topic: field(string, '0+'),
          partitions: field(array(int32), '0+'),
        }),
      ),
      '0+',
      { nullable: '0+' },
    ),
  }),
  response: struct({
    throttleTimeMs: field(int32, '0+', { default: 0 }),
    errorCode: field(int16, '3+', { default: 0 }),
    results: field(
      array(
        struct({
          errorCode: field(int16, '0+'),
          logDir: field(string, '0+'),
          topics: field(
            array(
              struct({
                name: field(string, '0+'),
                partitions: field(
                  array(
                    struct({
                      partitionIndex: field(int32, '0+'),
                      partitionSize: field(int64, '0+'),
                      offsetLag: field(int64, '0+'),
                      isFutureKey: field(boolean, '0+'),
                    }),
                  ),
                  '0+',
                ),
              }),
            ),
            '0+',
          ),
          totalBytes: field(int64, '4+', { default: -1 }),
          usableBytes: field(int64, '4+', { default: -1 }),
          isCordoned: field(boolean, '5+', { default: false }),
        }),
      ),
      '0+',
    ),
  }),
})
