/** Version 1 of the schema, which some meters still write: whole kWh, no tariff. */
export const firstReadingSchema = {
  type: 'record',
  name: 'Reading',
  namespace: 'energy',
  fields: [
    { name: 'customer', type: 'string' },
    { name: 'kwh', type: 'int' },
  ],
} as const
