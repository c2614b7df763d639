import type { z } from 'zod'
import { answerAuthorization, answerRecognition } from '../../agent/trust-lists/authority-statements.ts'
import { LOTE_MEDIA_TYPE } from '../../agent/trust-lists/lote-types.ts'
import { standingAt } from '../../agent/trust-lists/standing.ts'
import { isoOf } from '../../agent/trust-lists/times.ts'
import { findCity, type TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { ChainError } from '../../chain/errors.ts'
import { ApiError, toApiError } from '../platform/errors.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import { tellCityStory } from './city-story.ts'
import { createIssuersRoutes } from './issuers-routes.ts'
import type { IssuersService } from './issuers-service.ts'
import { toMoment } from './moment.ts'
import type { PublishedService } from './published-service.ts'
import { listPath, type TrustService } from './service.ts'
import type { DecisionSource } from './types.ts'
import { authorityQuerySchema, authorizationSchema, cityStorySchema, locodeParams, momentQuery, recognitionSchema, trustSchema } from './wire.ts'

export interface TrustRoutesOptions {
  readonly trust: TrustService
  readonly published: PublishedService
  readonly issuers: IssuersService
  readonly decisions: DecisionSource
  readonly publicUrl: string
  readonly clock: () => Date
}

const tag = 'Trust'

/** One registry in every dialect: for people, as a list of trusted entities, as trusted issuers, as authority statements. */
export function createTrustRoutes(options: TrustRoutesOptions): readonly RouteDefinition[] {
  return [...createPeoplesRoutes(options), createListRoute(options), ...createIssuersRoutes({ ...options, read: options.trust.read }), ...createQueryRoutes(options)]
}

function createPeoplesRoutes({ trust, published, decisions }: TrustRoutesOptions): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'get', path: '/v1/trust', tag, summary: 'Cities, issuers, agreements, programmes and status lists, as the chain has them',
      description: 'With `block` or `time`, all of it as it was then.',
      access: 'public', cors: true, query: momentQuery, responses: { 200: trustSchema },
      async handle({ query }) {
        const moment = toMoment(query)
        const headers = { 'cache-control': `public, max-age=${moment === undefined ? 2 : 60}` }
        const body = await trust.look(async ({ at, tables }) => {
          if (moment === undefined) return { ...toWireTrust(await orNothing(at())), ...await published.read(tables) }
          const register = await at(moment)
          return { ...toWireTrust(register), ...await published.readAt(tables, register.block) }
        })
        return { status: 200, body, headers }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/trust/cities/:locode', tag, summary: 'Why a city stands as it does: proposals and votes, keys, suspensions, controllers',
      access: 'public', cors: true, params: locodeParams, query: momentQuery, responses: { 200: cityStorySchema },
      async handle({ params, query }) {
        const moment = toMoment(query)
        const body = await trust.look(async ({ at, tables }) => {
          const register = await at(moment)
          const city = findCity(register, params.locode)
          if (city === undefined) throw new ApiError('ERR_NOT_FOUND', 'The federation does not know this city.')
          return await tellCityStory(register, city, async (place) => await decisions.findDecision(place, tables))
        })
        return { status: 200, body, headers: { 'cache-control': 'public, max-age=10' } }
      },
    }),
  ]
}

function createListRoute({ trust }: TrustRoutesOptions): RouteDefinition {
  return defineRoute({
    method: 'get', path: listPath, tag, summary: 'List of trusted entities (ETSI TS 119 602), signed as compact JAdES',
    description: 'Of a moment of the past it is the list as it would have been issued then, and stale by now.',
    access: 'public', cors: true, query: momentQuery,
    responses: { 200: { mediaType: LOTE_MEDIA_TYPE, description: 'The signed list' }, 304: { mediaType: LOTE_MEDIA_TYPE, description: 'The list is the one you have' } },
    async handle({ query, headers }) {
      const moment = toMoment(query)
      const { token, etag, maxAgeSeconds } = moment === undefined ? await trust.serveCurrent() : await trust.serveAt(moment)
      const kept = { etag, 'cache-control': `public, max-age=${maxAgeSeconds}` }
      const known = (headers['if-none-match'] ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
      return known.includes(etag) ? { status: 304, headers: kept } : { status: 200, body: token, mediaType: LOTE_MEDIA_TYPE, headers: kept }
    },
  })
}

/** @see https://trustoverip.github.io/tswg-trust-registry-protocol/ HTTPS Binding */
function createQueryRoutes({ trust, clock }: TrustRoutesOptions): readonly RouteDefinition[] {
  async function ask(query: z.output<typeof authorityQuerySchema>, answer: typeof answerAuthorization) {
    const { context } = query
    const evaluated = Math.floor(clock().getTime() / 1000)
    const asked = context?.time === undefined ? undefined : Math.floor(Date.parse(context.time) / 1000)
    const register = await trust.look(async ({ at }) => {
      // Refuses times that are not of this registry. What is answered of a time follows from all that is known by now.
      if (asked !== undefined) await at({ timeSeconds: asked })
      return await at(toMoment({ block: context?.block }))
    }).catch((error: unknown) => { throw naming(query, error) })
    const told = answer(register, {
      entityId: query.entity_id, authorityId: query.authority_id, action: query.action, resource: query.resource,
    }, asked ?? register.atSeconds)
    if (!told.known) throw naming(query, new ApiError('ERR_NOT_FOUND', `This registry does not know the ${told.part}.`))
    const { granted, message } = told
    return {
      granted,
      body: {
        entity_id: query.entity_id, authority_id: query.authority_id, action: query.action, resource: query.resource,
        ...(context?.time !== undefined && { time_requested: context.time }), time_evaluated: isoOf(evaluated), message, ...(context !== undefined && { context }),
      },
    }
  }
  const common = { method: 'post', tag: 'Trust registry queries (TRQP)', access: 'public', cors: true, rate: 'public', body: authorityQuerySchema } as const
  return [
    defineRoute({
      ...common, path: '/trqp/authorization', summary: 'Does an authority authorise an entity to issue a type?', responses: { 200: authorizationSchema },
      async handle({ body }) {
        const answer = await ask(body, answerAuthorization)
        return { status: 200, body: { ...answer.body, authorized: answer.granted } }
      },
    }),
    defineRoute({
      ...common, path: '/trqp/recognition', summary: 'Does an authority recognise another as one that issues a type?', responses: { 200: recognitionSchema },
      async handle({ body }) {
        const answer = await ask(body, answerRecognition)
        return { status: 200, body: { ...answer.body, recognized: answer.granted } }
      },
    }),
  ]
}

/** A refusal that repeats what was asked, as answers do: what is signed is what it says. */
function naming({ entity_id, authority_id, action, resource, context }: z.output<typeof authorityQuerySchema>, error: unknown): ApiError {
  const known = toApiError(error)
  return new ApiError(known.code, known.message, {
    cause: error, headers: known.headers, members: { ...known.members, entity_id, authority_id, action, resource, ...(context !== undefined && { context }) },
  })
}

/** Undefined while nothing is indexed yet. */
async function orNothing(register: Promise<TrustRegister>): Promise<TrustRegister | undefined> {
  return await register.catch((error: unknown) => {
    if (error instanceof ChainError && error.code === 'ERR_CHAIN_UNREACHABLE') return undefined
    throw error
  })
}

function toWireTrust(register: TrustRegister | undefined): Omit<z.output<typeof trustSchema>, 'programs' | 'status_lists'> {
  if (register === undefined) return { block: null, cities: [], issuers: [], recognitions: [] }
  const { block, atSeconds, cities, accreditations, recognitions } = register
  return {
    block: { number: block.number, hash: block.hash, time: isoOf(block.timestampSeconds) },
    as_of: isoOf(atSeconds),
    authority: register.authority,
    cities: cities.map(({ locode, name, did, serviceUrl, status, suspensionReason, suspendedUntilSeconds, activated }) => ({
      locode, name, did, service_url: serviceUrl, status,
      ...(status === 'suspended' && { suspension_reason: suspensionReason, suspended_until: isoOf(suspendedUntilSeconds ?? 0) }),
      ...(activated !== undefined && { member_since: isoOf(activated.atSeconds) }),
    })),
    issuers: accreditations.flatMap((issuer) => {
      const city = findCity(register, issuer.locode)
      if (city === undefined) return []
      return [{
        city: issuer.locode, thumbprint: issuer.thumbprint, credential_type: issuer.credentialType, standing: standingAt(issuer, city, atSeconds),
        valid_from: isoOf(issuer.validFromSeconds), valid_until: isoOf(issuer.validUntilSeconds),
        ...(issuer.untrustedFromSeconds !== undefined && { untrusted_from: isoOf(issuer.untrustedFromSeconds) }),
      }]
    }),
    recognitions: recognitions.filter(({ ended }) => ended === undefined).map((recognition) => ({
      recogniser: recognition.recogniser, issuer: recognition.issuer, credential_type: recognition.credentialType,
      benefit_classes: [...recognition.benefitClasses], valid_until: isoOf(recognition.validUntilSeconds),
    })),
  }
}
