/**
 * The features of the cluster that clients look at, at the level which is in force. They must agree with the APIs: a Java
 * producer believes `transaction.version` 2 and leaves out AddPartitionsToTxn, whatever versions of Produce there are.
 */
const features = [
  { name: 'group.version', level: 1 },
  { name: 'transaction.version', level: 2 },
] as const

/** What ApiVersions says of them. Levels begin at 0, which clients of version 3 cannot read in the list of what there is. */
export function featuresFor(version: number) {
  const supportedFeatures = features.map(({ name, level }) => ({ name, minVersion: 0, maxVersion: level }))
  return {
    supportedFeatures: version >= 4 ? supportedFeatures : [],
    finalizedFeaturesEpoch: 1,
    finalizedFeatures: features.map(({ name, level }) => ({ name, maxVersionLevel: level, minVersionLevel: level })),
  }
}
