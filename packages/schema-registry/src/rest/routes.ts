import type { Mode, StoredSchema } from '../log/log-records.ts'
import type { Registry } from '../registry.ts'
import { schemaTypes } from '../schema-language.ts'
import { RestError } from './rest-error.ts'
import { flag, idOf, levelOf, modeOf, type RestRequest, schemaOf, versionOf } from './rest-request.ts'

/** What a route answers: JSON, or a text that is sent as it is. */
export type Answer = unknown

type Handler = (registry: Registry, request: RestRequest) => Answer | Promise<Answer>

interface Route {
  /** Segments; `*` takes any one. */
  readonly path: readonly string[]
  readonly handlers: Readonly<Record<string, Handler>>
}

const deleted = (request: RestRequest) => ({ deleted: flag(request, 'deleted') || flag(request, 'deletedOnly') })
const permanent = (request: RestRequest) => ({ permanent: flag(request, 'permanent') })
const segment = ({ path }: RestRequest, i: number): string => path[i]!

/** A schema's text, alone. */
export class RawText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const routes: readonly Route[] = [
  route('/', { GET: () => ({}) }),
  route('/schemas/types', { GET: () => schemaTypes.toReversed() }),
  route('/schemas', {
    GET: (registry, request) => {
      const prefix = request.query.get('subjectPrefix') ?? ''
      const schemas = registry.all(deleted(request)).filter(({ subject }) => subject.startsWith(prefix))
      const latest = flag(request, 'latestOnly')
      return schemas.filter((schema, i) => !latest || schemas[i + 1]?.subject !== schema.subject).map(spelled)
    },
  }),
  route('/schemas/ids/*', {
    GET: (registry, request) => {
      const {
        subject: _subject,
        version: _version,
        id: _id,
        ...schema
      } = spelled(registry.byId(idOf(segment(request, 0))))
      return schema
    },
  }),
  route('/schemas/ids/*/schema', {
    GET: (registry, request) => new RawText(registry.byId(idOf(segment(request, 0))).schema),
  }),
  route('/schemas/ids/*/subjects', {
    GET: (registry, request) => {
      const uses = registry.usesOfId(idOf(segment(request, 0)), deleted(request))
      return [...new Set(uses.map(({ subject }) => subject))]
    },
  }),
  route('/schemas/ids/*/versions', {
    GET: (registry, request) =>
      registry
        .usesOfId(idOf(segment(request, 0)), deleted(request))
        .map(({ subject, version }) => ({ subject, version })),
  }),
  route('/subjects', {
    GET: (registry, request) => {
      const prefix = request.query.get('subjectPrefix') ?? ''
      const subjects = registry.subjects(deleted(request)).filter((subject) => subject.startsWith(prefix))
      if (!flag(request, 'deletedOnly')) return subjects
      const alive = registry.subjects({ deleted: false })
      return subjects.filter((subject) => !alive.includes(subject))
    },
  }),
  route('/subjects/*', {
    POST: (registry, request) => spelled(registry.lookUp(segment(request, 0), schemaOf(request), deleted(request))),
    DELETE: (registry, request) => registry.deleteSubject(segment(request, 0), permanent(request)),
  }),
  route('/subjects/*/versions', {
    GET: (registry, request) => {
      const versions = registry.versions(segment(request, 0), deleted(request))
      return versions.filter((schema) => !flag(request, 'deletedOnly') || schema.deleted).map(({ version }) => version)
    },
    POST: async (registry, request) => {
      const { subject: _subject, ...registered } = spelled(
        await registry.register(segment(request, 0), schemaOf(request)),
      )
      return registered
    },
  }),
  route('/subjects/*/versions/*', {
    GET: (registry, request) =>
      spelled(registry.version(segment(request, 0), versionOf(segment(request, 1)), deleted(request))),
    DELETE: (registry, request) =>
      registry.deleteVersion(segment(request, 0), versionOf(segment(request, 1)), permanent(request)),
  }),
  route('/subjects/*/versions/*/schema', {
    GET: (registry, request) =>
      new RawText(registry.version(segment(request, 0), versionOf(segment(request, 1)), deleted(request)).schema),
  }),
  route('/subjects/*/versions/*/referencedby', {
    GET: (registry, request) => registry.referencedBy(segment(request, 0), versionOf(segment(request, 1))),
  }),
  route('/compatibility/subjects/*/versions', { POST: (registry, request) => compatibility(registry, request, false) }),
  route('/compatibility/subjects/*/versions/*', {
    POST: (registry, request) => compatibility(registry, request, true),
  }),
  route('/config', {
    GET: (registry) => ({ compatibilityLevel: registry.level(null) }),
    PUT: async (registry, request) => {
      await registry.setLevel(null, levelOf(request))
      return { compatibility: levelOf(request) }
    },
    DELETE: async (registry) => {
      const compatibilityLevel = registry.level(null)
      await registry.setLevel(null, undefined)
      return { compatibilityLevel }
    },
  }),
  route('/config/*', {
    GET: (registry, request) => ({ compatibilityLevel: levelInForce(registry, request) }),
    PUT: async (registry, request) => {
      await registry.setLevel(segment(request, 0), levelOf(request))
      return { compatibility: levelOf(request) }
    },
    DELETE: async (registry, request) => {
      const compatibilityLevel = levelInForce(registry, request)
      await registry.setLevel(segment(request, 0), undefined)
      return { compatibilityLevel }
    },
  }),
  route('/mode', {
    GET: (registry) => ({ mode: registry.mode(null) }),
    PUT: async (registry, request) => {
      await registry.setMode(null, modeOf(request), { force: flag(request, 'force') })
      return { mode: modeOf(request) }
    },
  }),
  route('/mode/*', {
    GET: (registry, request) => ({ mode: modeInForce(registry, request) }),
    PUT: async (registry, request) => {
      await registry.setMode(segment(request, 0), modeOf(request), { force: flag(request, 'force') })
      return { mode: modeOf(request) }
    },
    DELETE: async (registry, request) => {
      const mode = modeInForce(registry, request)
      await registry.setMode(segment(request, 0), undefined, { force: true })
      return { mode }
    },
  }),
  route('/contexts', { GET: () => ['.'] }),
]

/** The handler of a request, with what its path names. @throws RestError 400, 404, 405 */
export function findRoute(
  method: string,
  pathname: string,
): { readonly handler: Handler; readonly path: readonly string[] } {
  const segments = segmentsOf(pathname)
  for (const { path, handlers } of routes) {
    if (path.length !== segments.length || !path.every((part, i) => part === '*' || part === segments[i])) continue
    const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
    if (handler === undefined) throw new RestError(405, 'HTTP 405 Method Not Allowed')
    return { handler, path: segments.filter((_, i) => path[i] === '*').map(decoded) }
  }
  throw new RestError(404, 'HTTP 404 Not Found')
}

function route(path: string, handlers: Readonly<Record<string, Handler>>): Route {
  return { path: segmentsOf(path), handlers }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new RestError(400, `The path has a part that cannot be decoded: ${part}`)
  }
}

/** A schema as answers spell it: Avro's type is left out, as are references that are not there. */
function spelled({ subject, version, id, schemaType, schema, references }: StoredSchema) {
  return {
    subject,
    version,
    id,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
    schema,
  }
}

function compatibility(registry: Registry, request: RestRequest, hasVersion: boolean): Answer {
  const version = hasVersion ? versionOf(segment(request, 1)) : undefined
  const messages = registry.testCompatibility(segment(request, 0), schemaOf(request), version)
  const answer = { is_compatible: messages.length === 0 }
  return flag(request, 'verbose') ? { ...answer, messages } : answer
}

function levelInForce(registry: Registry, request: RestRequest) {
  const subject = segment(request, 0)
  const level = flag(request, 'defaultToGlobal') ? registry.level(subject) : registry.ownLevel(subject)
  if (level !== undefined) return level
  throw new RestError(40408, `Subject '${subject}' does not have subject-level compatibility configured`)
}

function modeInForce(registry: Registry, request: RestRequest): Mode {
  const subject = segment(request, 0)
  const mode = flag(request, 'defaultToGlobal') ? registry.mode(subject) : registry.ownMode(subject)
  if (mode !== undefined) return mode
  throw new RestError(40409, `Subject '${subject}' does not have subject-level mode configured`)
}
