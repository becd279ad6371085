/**
 * A request that the registry refuses, with Confluent's status, code and message. Who acts: whoever sent it.
 *
 * | code | what |
 * |---|---|
 * | 40401, 40402, 40403 | no such subject, version, schema |
 * | 40404, 40406 | the subject, the version was deleted already; it can be deleted permanently |
 * | 40405, 40407 | the subject, the version must be deleted before it is deleted permanently |
 * | 40408, 40409 | the subject has no compatibility level, no mode of its own |
 * | 409 | the schema is not compatible |
 * | 42201 | no schema; 42202 no version; 42203 no compatibility level; 42204 no mode |
 * | 42205 | the mode does not allow it; 42206 another schema refers to it |
 * | 400, 401, 404, 405, 413, 415 | as in HTTP |
 * | 50001 | the log cannot be written |
 *
 * @see io.confluent.kafka.schemaregistry.rest.exceptions.Errors
 */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly status: number
  readonly errorCode: number

  constructor(errorCode: number, message: string) {
    super(message)
    this.errorCode = errorCode
    this.status = errorCode > 1000 ? Math.floor(errorCode / 100) : errorCode
  }
}

export const subjectNotFound = (subject: string) => new RestError(40401, `Subject '${subject}' not found.`)
export const versionNotFound = (version: number) => new RestError(40402, `Version ${version} not found.`)
export const schemaNotFound = (id?: number) =>
  new RestError(40403, id === undefined ? 'Schema not found' : `Schema ${id} not found`)
export const invalidSchema = (details: string) => new RestError(42201, `Invalid schema, details: ${details}`)
