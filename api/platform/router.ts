import express, { type IRouter, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { z } from 'zod'
import type { SessionAuthenticator } from './auth/sessions.ts'
import type { Db } from './database.ts'
import { ApiError } from './errors.ts'
import { isAnswered, runIdempotent } from './idempotency.ts'
import type { RateLimits } from './limits.ts'
import { problemBody, problemFor, sendProblem } from './problems.ts'
import type { AnswerToSign, Bearer, FileResponse, Principal, RouteDefinition, RouteOutput } from './route.ts'
import type { Secrets } from './secrets.ts'

/** Checks a bearer token; undefined when it is unknown or expired. */
export type BearerAuthenticator = (token: string) => Promise<{ readonly subject: string } | undefined>

export interface RouterContext {
  readonly db: Db
  readonly secrets: Secrets
  readonly sessions: SessionAuthenticator
  readonly limits: RateLimits
  readonly bearers: ReadonlyMap<string, BearerAuthenticator>
  /** Tests check every answer against its schema; a city at work does not pay for it. */
  readonly checkResponses: boolean
}

interface RouteLocals {
  principal?: Principal
  bearer?: Bearer
}

const idempotencyKey = z.string().regex(/^[\x21-\x7e]{8,200}$/)
const corsHeaders = 'authorization, content-type, dpop, idempotency-key'
const exposedHeaders = 'ratelimit, ratelimit-policy, retry-after, www-authenticate, dpop-nonce, idempotent-replayed, location, etag, content-digest, signature, signature-input'

/** Serves routes in the order: CORS, rate limit, who asks, body, schema, idempotency, handler. */
export function mountRoutes(router: IRouter, routes: readonly RouteDefinition[], context: RouterContext): void {
  const methodsOfPath = new Map<string, RouteDefinition[]>()
  for (const route of routes) {
    methodsOfPath.set(route.path, [...(methodsOfPath.get(route.path) ?? []), route])
    router[route.method](route.path, name(route), ...cors(route), limit(route, context), authenticate(route, context), ...parsers(route), serve(route, context), failure(route))
  }
  for (const [path, siblings] of methodsOfPath) {
    const allow = siblings.flatMap((route) => (route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()])).join(', ')
    router.all(path, (request, response) => {
      const open = siblings.some((route) => route.cors)
      response.setHeader('allow', `${allow}, OPTIONS`)
      if (request.method !== 'OPTIONS') throw new ApiError('ERR_METHOD_NOT_ALLOWED')
      if (open) {
        response.setHeader('access-control-allow-origin', '*')
        response.setHeader('access-control-allow-methods', allow)
        response.setHeader('access-control-allow-headers', corsHeaders)
        response.setHeader('access-control-max-age', '7200')
      }
      response.status(204).end()
    })
  }
}

function name(route: RouteDefinition): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route.path
    next()
  }
}

function cors(route: RouteDefinition): RequestHandler[] {
  if (!route.cors) return []
  return [(_request, response, next) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-expose-headers', exposedHeaders)
    response.setHeader('cross-origin-resource-policy', 'cross-origin')
    next()
  }]
}

function limit(route: RouteDefinition, context: RouterContext): RequestHandler {
  return context.limits[route.rate]
}

function authenticate(route: RouteDefinition, context: RouterContext): RequestHandler {
  const { access } = route
  if (access === 'public') return (_request, _response, next) => next()
  if ('bearer' in access) {
    const scheme = access.bearer
    const authenticator = context.bearers.get(scheme)
    if (authenticator === undefined) throw new TypeError(`no bearer scheme ${scheme}`)
    return async (request, response, next) => {
      const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
      const found = token === undefined ? undefined : await authenticator(token)
      if (found === undefined) throw new ApiError('ERR_TOKEN_INVALID', undefined, { headers: { 'www-authenticate': `Bearer realm="${scheme}"` } })
      locals(response).bearer = { scheme, subject: found.subject }
      next()
    }
  }
  return async (request, response, next) => {
    locals(response).principal = await context.sessions.authorise(request, access)
    response.setHeader('cache-control', 'no-store')
    next()
  }
}

function parsers(route: RouteDefinition): RequestHandler[] {
  const limit = route.bodyLimitBytes
  const json = express.json({ limit, strict: true, type: ['application/json', 'application/*+json'] })
  const form = express.urlencoded({ limit, extended: false, parameterLimit: 64 })
  const accepted = { none: [], json: [json], form: [form], 'json-or-form': [json, form] }[route.bodyFormat]
  if (accepted.length === 0) return []
  const checkType: RequestHandler = (request, _response, next) => {
    const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? '0') > 0
    if (hasBody && request.body === undefined) throw new ApiError('ERR_MEDIA_TYPE')
    next()
  }
  return [...accepted, checkType]
}

function serve(route: RouteDefinition, context: RouterContext): RequestHandler {
  return async (request, response) => {
    const { principal, bearer } = locals(response)
    const params = route.params === undefined ? undefined : checkParams(route.params, request.params)
    const query = route.query === undefined ? undefined : check(route.query, request.query, 'query')
    const body = route.body === undefined ? undefined : check(route.body, request.body ?? {}, 'body')
    const input = { params, query, body, headers: request.headers, requestId: String(request.id), principal, bearer }
    const handle = async (prepared: unknown): Promise<RouteOutput> => await route.handle({ ...input, prepared })
    if (!route.idempotent) {
      await send(route, request, response, await handle(await route.prepare?.(input)), context)
      return
    }
    const key = request.headers['idempotency-key']
    if (key === undefined) throw new ApiError('ERR_IDEMPOTENCY_KEY_MISSING')
    if (!idempotencyKey.safeParse(key).success) throw new ApiError('ERR_IDEMPOTENCY_KEY_INVALID')
    const who = principal?.subject ?? (bearer === undefined ? 'public' : `${bearer.scheme}:${bearer.subject}`)
    const scope = `${route.method} ${request.path} ${who}`
    const isRepeated = route.prepare !== undefined && await isAnswered(context.db, scope, String(key))
    const prepared = isRepeated ? undefined : await route.prepare?.(input)
    const answer = await runIdempotent(context.db, context.secrets, { scope, key: String(key), body: request.body ?? {} }, async () => {
      // The answer of a repeated request may have been forgotten in this very moment.
      const output = await handle(isRepeated ? await route.prepare?.(input) : prepared)
      return { status: output.status, body: output.body ?? null }
    })
    if (answer.replayed) response.setHeader('idempotent-replayed', 'true')
    await send(route, request, response, answer, context)
  }
}

function checkParams(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value)
  // An identifier of the wrong form names nothing.
  if (!parsed.success) throw new ApiError('ERR_NOT_FOUND')
  return parsed.data
}

function check(schema: z.ZodType, value: unknown, part: 'query' | 'body'): unknown {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.slice(0, 20).map((issue) => ({
    pointer: `#/${issue.path.map((step) => String(step).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
    detail: issue.code === 'unrecognized_keys' ? 'has members that are not known' : issue.message,
  }))
  throw new ApiError('ERR_VALIDATION', `The ${part} is not of the expected form.`, { members: { errors } })
}

async function send(route: RouteDefinition, request: Request, response: Response, output: RouteOutput, context: RouterContext): Promise<void> {
  const declared = route.responses[output.status]
  if (context.checkResponses && declared === undefined) throw new TypeError(`${route.path} answers ${output.status}, which it does not declare`)
  const content = contentOf(output, declared, context)
  // An answer without content has no signature: a 304 would put it in the place of the one that was kept with the content.
  const signed = content === undefined ? {} : await signatureOf(route, request, { status: output.status, ...content })
  for (const [header, value] of Object.entries({ ...output.headers, ...signed })) response.setHeader(header, value)
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store')
  response.status(output.status)
  if (content !== undefined) response.setHeader('content-type', content.contentType)
  response.end(content?.body)
}

function contentOf({ body, mediaType }: RouteOutput, declared: z.ZodType | FileResponse | undefined, context: RouterContext): Pick<AnswerToSign, 'contentType' | 'body'> | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const fileType = declared !== undefined && isFile(declared) ? declared.mediaType : 'application/octet-stream'
    return { contentType: mediaType ?? fileType, body: typeof body === 'string' ? Buffer.from(body) : body }
  }
  if (context.checkResponses && declared !== undefined && !isFile(declared)) declared.parse(body)
  return { contentType: mediaType ?? 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(body)) }
}

async function signatureOf(route: RouteDefinition, { method, originalUrl }: Request, answer: Omit<AnswerToSign, 'method' | 'target'>): Promise<Readonly<Record<string, string>>> {
  return await route.sign?.({ method, target: originalUrl, ...answer }) ?? {}
}

/** Whether a declared answer is a file or text rather than JSON with a schema. */
export function isFile(response: z.ZodType | FileResponse): response is FileResponse {
  return 'mediaType' in response
}

function failure(route: RouteDefinition) {
  return async (error: unknown, request: Request, response: Response, next: NextFunction): Promise<void> => {
    if (response.headersSent) return next(error)
    const problem = problemFor(error, route.errorFormat)
    // A refusal says something of what was asked for; that the service is in trouble, or asked too often, does not.
    if (route.sign !== undefined && problem.status < 500 && problem.status !== 429) {
      const body = problemBody(request, problem)
      const signed = await signatureOf(route, request, { status: problem.status, contentType: problem.mediaType, body })
      for (const [header, value] of Object.entries(signed)) response.setHeader(header, value)
      return sendProblem(request, response, problem, body)
    }
    if (route.errorFormat === 'problem') return next(error)
    sendProblem(request, response, problem)
  }
}

function locals(response: Response): RouteLocals {
  return response.locals as RouteLocals
}
