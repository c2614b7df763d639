import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, type ZodOpenApiResponsesObject } from 'zod-openapi'
import type { RouteDefinition } from './route.ts'
import { isFile } from './router.ts'

export interface OpenApiInfo {
  readonly cityName: string
  readonly publicUrl: string
  readonly sessionCookie: string
}

export type OpenApiDocument = ReturnType<typeof createDocument>

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string().meta({ description: 'Stable; branch on this.' }),
  detail: z.string().optional(),
  request_id: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
}).meta({ id: 'Problem' })

const oauthErrorSchema = z.object({ error: z.string(), error_description: z.string().optional() }).meta({ id: 'OAuthError' })
const idempotencyHeader = z.string().meta({ description: '8 to 200 visible ASCII characters. Sent again with the same body, the first answer comes back.' })
/** Of a signed answer; refusals of the registry carry them too, what goes wrong on our side does not. */
const signatureHeaders = z.object({
  'Content-Digest': z.string().meta({ description: 'SHA-256 of the content (RFC 9530)' }),
  'Signature-Input': z.string().meta({ description: 'What was signed, when and with which key of the city (RFC 9421): label `symbolon`, tag `symbolon-registry`' }),
  Signature: z.string().meta({ description: 'The signature, ecdsa-p256-sha256 (RFC 9421)' }),
})
const csrfHeader = z.string().meta({ description: 'From `GET /auth/session`.' })

/** The OpenAPI 3.1 document of the routes that are served. */
export function createOpenApi(routes: readonly RouteDefinition[], info: OpenApiInfo): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:([a-z_]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route) }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: `Symbolon: the city card of ${info.cityName}`,
      version: '1',
      description: 'Issue, verify, award and redeem. Errors are problem details (RFC 9457), but for OAuth endpoints, which keep their own form.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: info.publicUrl }],
    paths: paths as ZodOpenApiPathsObject,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: info.sessionCookie, description: 'Set by signing in at /auth/login' },
        points: { type: 'http', scheme: 'bearer', description: 'From POST /v1/points/sessions' },
      },
    },
  })
}

function operation(route: RouteDefinition): ZodOpenApiOperationObject {
  const unsafe = route.method !== 'get'
  const withSession = Array.isArray(route.access)
  const headers = {
    ...(route.idempotent ? { 'Idempotency-Key': idempotencyHeader } : {}),
    ...(unsafe && withSession ? { 'X-CSRF-Token': csrfHeader } : {}),
  }
  const mediaTypes = {
    json: ['application/json'], form: ['application/x-www-form-urlencoded'], 'json-or-form': ['application/json', 'application/x-www-form-urlencoded'], none: [],
  }[route.bodyFormat]
  const requestParams = {
    ...(route.params === undefined ? {} : { path: route.params as z.ZodObject }),
    ...(route.query === undefined ? {} : { query: route.query as z.ZodObject }),
    ...(Object.keys(headers).length === 0 ? {} : { header: z.object(headers) }),
  }
  const { body } = route
  return {
    operationId: `${route.method}${route.path.replace(/[^A-Za-z0-9]+(.)?/g, (_match, next: string | undefined) => (next ?? '').toUpperCase())}`,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: security(route),
    ...(Object.keys(requestParams).length === 0 ? {} : { requestParams }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: body }])) } }),
    responses: responses(route),
    ...(withSession ? { 'x-roles': [...route.access as readonly string[]] } : {}),
  }
}

function security(route: RouteDefinition): Record<string, string[]>[] {
  if (route.access === 'public') return []
  if ('bearer' in route.access) return [{ [route.access.bearer]: [] }]
  return [{ session: [] }]
}

function responses(route: RouteDefinition): ZodOpenApiResponsesObject {
  const isEmpty = (status: string): boolean => status === '204' || status.startsWith('3')
  const headersOf = (status: string) => (route.sign === undefined || isEmpty(status) ? {} : { headers: signatureHeaders })
  const declared = Object.entries(route.responses).map(([status, response]) => [status, isFile(response)
    ? { description: response.description, ...headersOf(status), ...(isEmpty(status) ? {} : { content: { [response.mediaType]: { schema: z.string() } } }) }
    : { description: route.summary, ...headersOf(status), content: { 'application/json': { schema: response } } }])
  const refused = { description: 'Refused', ...(route.sign === undefined ? {} : { headers: signatureHeaders.partial() }) }
  const failure = route.errorFormat === 'oauth'
    ? { ...refused, content: { 'application/json': { schema: oauthErrorSchema } } }
    : { ...refused, content: { 'application/problem+json': { schema: problemSchema } } }
  return { ...Object.fromEntries(declared), default: failure } as ZodOpenApiResponsesObject
}
