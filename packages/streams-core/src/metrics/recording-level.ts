/** How much is recorded: each level includes those before it. @see org.apache.kafka.common.metrics.Sensor.RecordingLevel */
export const recordingLevels = ['INFO', 'DEBUG', 'TRACE'] as const

/** How much is recorded: each level has what those before it have. @see org.apache.kafka.common.metrics.Sensor.RecordingLevel */
export type RecordingLevel = (typeof recordingLevels)[number]

/** True when what is recorded from `level` on is recorded under `configured` (`metrics.recording.level`). */
export function records(configured: RecordingLevel, level: RecordingLevel): boolean {
  return recordingLevels.indexOf(level) <= recordingLevels.indexOf(configured)
}
