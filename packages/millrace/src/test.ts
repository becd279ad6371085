export {
  type InputTopicOptions,
  MockTime,
  type OutputTopicOptions,
  type PipeTimes,
  TestInputTopic,
  TestOutputTopic,
  TestRecord,
  TopologyTestDriver,
} from '@millrace/testkit'
