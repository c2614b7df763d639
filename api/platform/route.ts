import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import { ApiError } from './errors.ts'

/** `federation`: speaks for the city where cities decide together. `auditor`: reads what officers did. */
export type Role = 'staff' | 'operator' | 'merchant' | 'federation' | 'auditor'
export type AppName = 'staff' | 'verifier' | 'merchant'

/** Somebody signed in through OpenID Connect. */
export interface Principal {
  readonly subject: string
  /** Who vouched for the subject: the OpenID provider's `iss`. */
  readonly issuer: string
  readonly name: string
  readonly app: AppName
  readonly roles: readonly Role[]
  readonly merchantId: string | undefined
}

/** Whoever is signed in, on a route that only roles reach. @throws ApiError `ERR_NOT_SIGNED_IN` */
export function requirePrincipal(principal: Principal | undefined): Principal {
  if (principal === undefined) throw new ApiError('ERR_NOT_SIGNED_IN')
  return principal
}

/** Somebody who came with a bearer token that a feature gave out. */
export interface Bearer {
  readonly scheme: string
  readonly subject: string
}

/** `public`: anybody. Roles: a session with one of them. `{ bearer }`: a token checked by that bearer scheme. */
export type Access = 'public' | readonly Role[] | { readonly bearer: string }

export interface FileResponse {
  readonly mediaType: string
  readonly description: string
}

export interface RouteInput<Params, Query, Body, Prepared = unknown> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: IncomingHttpHeaders
  readonly requestId: string
  /** Only on routes whose access names roles. */
  readonly principal: Principal | undefined
  /** Only on routes with a bearer scheme. */
  readonly bearer: Bearer | undefined
  /** What `prepare` found; undefined on routes without one. */
  readonly prepared: Prepared
}

export interface RouteOutput {
  readonly status: number
  /** An object goes out as JSON; a string or bytes as they are, with `mediaType`. */
  readonly body?: unknown
  readonly mediaType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer about to leave, with the request it belongs to. */
export interface AnswerToSign {
  readonly method: string
  /** Path and query as they were asked for. */
  readonly target: string
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

/** Signs answers to the byte: resolves to the header fields that go with them. */
export type AnswerSigner = (answer: AnswerToSign) => Promise<Readonly<Record<string, string>>>

export interface RouteDefinition {
  readonly method: 'get' | 'post' | 'delete'
  /** Express path: `/v1/residents/:resident_id`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** Any origin may call it, without credentials. */
  readonly cors: boolean
  /** Needs `Idempotency-Key`; the handler runs inside the transaction that records its answer. */
  readonly idempotent: boolean
  readonly rate: RateName
  readonly bodyFormat: 'json' | 'form' | 'json-or-form' | 'none'
  readonly bodyLimitBytes: number
  readonly errorFormat: 'problem' | 'oauth'
  /** Signs what is answered, refusals among it; the answer is not given without. Absent: answers are not signed. */
  readonly sign?: AnswerSigner
  readonly params: z.ZodType | undefined
  readonly query: z.ZodType | undefined
  readonly body: z.ZodType | undefined
  readonly responses: Readonly<Record<number, z.ZodType | FileResponse>>
  /**
   * What must not hold a transaction open, such as asking the chain: runs before the one of an idempotent route, and not
   * at all when the request was answered before.
   */
  readonly prepare: ((input: Omit<RouteInput<unknown, unknown, unknown>, 'prepared'>) => Promise<unknown>) | undefined
  handle(input: RouteInput<unknown, unknown, unknown>): Promise<RouteOutput>
}

/** Limits are for each address, in a minute. */
export type RateName = 'none' | 'public' | 'write' | 'credential'

interface RouteOptions<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType, Prepared> {
  method: 'get' | 'post' | 'delete'
  path: string
  tag: string
  summary: string
  description?: string
  access: Access
  cors?: boolean
  idempotent?: boolean
  rate?: RateName
  bodyFormat?: 'json' | 'form' | 'json-or-form'
  bodyLimitBytes?: number
  errorFormat?: 'problem' | 'oauth'
  params?: Params
  query?: Query
  body?: Body
  responses: Readonly<Record<number, z.ZodType | FileResponse>>
  prepare?(input: Omit<RouteInput<z.output<Params>, z.output<Query>, z.output<Body>>, 'prepared'>): Promise<Prepared>
  handle(input: RouteInput<z.output<Params>, z.output<Query>, z.output<Body>, Prepared>): Promise<RouteOutput>
}

/** Declares a route: what `mountRoutes` serves and OpenAPI describes. */
export function defineRoute<
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Prepared = undefined,
>(options: RouteOptions<Params, Query, Body, Prepared>): RouteDefinition {
  return {
    method: options.method,
    path: options.path,
    tag: options.tag,
    summary: options.summary,
    ...(options.description === undefined ? {} : { description: options.description }),
    access: options.access,
    cors: options.cors ?? false,
    idempotent: options.idempotent ?? false,
    rate: options.rate ?? (options.access === 'public' ? 'public' : 'write'),
    bodyFormat: options.bodyFormat ?? (options.body === undefined ? 'none' : 'json'),
    bodyLimitBytes: options.bodyLimitBytes ?? 64 * 1024,
    errorFormat: options.errorFormat ?? 'problem',
    params: options.params,
    query: options.query,
    body: options.body,
    responses: options.responses,
    prepare: options.prepare as RouteDefinition['prepare'],
    handle: options.handle as RouteDefinition['handle'],
  }
}
