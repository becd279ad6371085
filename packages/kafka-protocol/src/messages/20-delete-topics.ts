import { zeroUuid } from '../primitives.ts'
import { array, defineApi, field, int16, int32, string, struct, uuid } from '../schema.ts'

/** Deletes topics. v4 flexible; v5 error messages; v6 topics by id. */
export const deleteTopicsApi = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: '1-6',
  flexible: '4+',
  request: struct({
    topics: field(
      array(
        struct({
          name: field(string, '6+', { nullable: '6+', default: null }),
          topicId: field(uuid, '6+', { default: zeroUuid }),
        }),
      ),
      '6+',
      { default: [] },
    ),
    topicNames: field(array(string), '0-5', { default: [] }),
    timeoutMs: field(int32, '0+'),
  }),
  response: struct({
    throttleTimeMs: field(int32, '1+', { default: 0 }),
    responses: field(
      array(
        struct({
          name: field(string, '0+', { nullable: '6+' }),
          topicId: field(uuid, '6+', { default: zeroUuid }),
          errorCode: field(int16, '0+'),
          errorMessage: field(string, '5+', { nullable: '5+', default: null }),
        }),
      ),
      '0+',
    ),
  }),
})
