// Written by `millrace avro-types`.

/** What a meter has counted since its last reading. */
export interface Reading {
  customer: string
  kwh: number
  /** Since version 2; meters of version 1 know one tariff only. */
  tariff: Tariff
}

export type Tariff = 'DAY' | 'NIGHT'

export const readingSchema = {
  "type": "record",
  "name": "Reading",
  "namespace": "energy",
  "doc": "What a meter has counted since its last reading.",
  "fields": [
    {
      "name": "customer",
      "type": "string"
    },
    {
      "name": "kwh",
      "type": "double"
    },
    {
      "name": "tariff",
      "doc": "Since version 2; meters of version 1 know one tariff only.",
      "type": {
        "type": "enum",
        "name": "Tariff",
        "symbols": [
          "DAY",
          "NIGHT"
        ]
      },
      "default": "DAY"
    }
  ]
} as const
