export {
  type AclEntry,
  type Broker,
  type BrokerConfigName,
  type BrokerOptions,
  brokerConfigs,
  type Fault,
  type FaultOptions,
  type Listener,
  type ListenerOptions,
  type Operation,
  type ResourceType,
  type SaslMechanismName,
  startBroker,
  type TlsOptions,
  type User,
} from '@millrace/broker'
export {
  SchemaRegistryConfigError,
  type SchemaRegistryOptions,
  type SchemaRegistryServer,
  startSchemaRegistry,
} from '@millrace/schema-registry'
