export {
  type CapturedForward,
  type CapturedPunctuator,
  type InputTopicOptions,
  MockProcessorContext,
  MockTime,
  type OutputTopicOptions,
  type PipeTimes,
  TestInputTopic,
  TestOutputTopic,
  TestRecord,
  TopologyTestDriver,
} from '@millrace/testkit'
