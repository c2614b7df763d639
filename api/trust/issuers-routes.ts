import type { TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import type { Moment } from '../../chain/history.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { IssuersService, RevisionView } from './issuers-service.ts'
import { toMoment } from './moment.ts'
import { pageOf } from './page.ts'
import {
  attributeParams, attributesSchema, issuerParams, issuerQuery, issuerSchema, issuersQuery, issuersSchema, oneAttributeSchema, proxiesSchema,
  revisionParams, revisionsQuery, revisionsSchema,
} from './wire.ts'

export interface IssuersRoutesOptions {
  readonly issuers: IssuersService
  readonly read: (moment?: Moment) => Promise<TrustRegister>
  readonly publicUrl: string
}

const keep = { 'cache-control': 'public, max-age=60' }

/**
 * The read API of EBSI's registry of trusted issuers over the members of the federation.
 *
 * @see https://hub.ebsi.eu/apis/pilot/trusted-issuers-registry/v5
 * @see https://hub.ebsi.eu/apis/pilot/trusted-issuers-registry/v4
 */
export function createIssuersRoutes(options: IssuersRoutesOptions): readonly RouteDefinition[] {
  return [...createVersion('v5', options), ...createVersion('v4', options)]
}

/** In v4 an issuer carries its attributes, in v5 links to them, unless the old form is asked for. */
function createVersion(version: 'v4' | 'v5', { issuers, read, publicUrl }: IssuersRoutesOptions): readonly RouteDefinition[] {
  const path = `/trusted-issuers-registry/${version}/issuers`
  const tag = 'Trusted issuers registry'
  const common = { method: 'get', tag, access: 'public', cors: true } as const
  const isInline = (asked: 'latest' | 'deprecated' | undefined): boolean => (asked ?? (version === 'v4' ? 'deprecated' : 'latest')) === 'deprecated'
  const issuerUrl = (did: string): string => `${publicUrl}${path}/${did.replaceAll('%', '%25')}`
  /** Links lead to the same moment. */
  const at = (url: string, { block, time }: { block?: string | undefined; time?: string | undefined }): string =>
    block !== undefined ? `${url}?block=${block}` : time !== undefined ? `${url}?time=${encodeURIComponent(time)}` : url
  const ok = (body: unknown) => ({ status: 200, body, headers: keep })
  const withBody = (did: string, attribute: RevisionView) => ok({ did, attribute })

  return [
    defineRoute({
      ...common, path, summary: 'Cities that are or were members', query: issuersQuery, responses: { 200: issuersSchema },
      async handle({ query }) {
        const found = issuers.list(await read(toMoment(query))).map(({ did }) => ({ did, href: at(issuerUrl(did), query) }))
        return ok(pageOf(found, at(`${publicUrl}${path}`, query), query))
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did`, summary: 'A trusted issuer', params: issuerParams, query: issuerQuery, responses: { 200: issuerSchema },
      async handle({ params, query }) {
        const register = await read(toMoment(query))
        const city = issuers.find(register, params.did)
        const attributes = issuers.attributes(register, city)
        if (!isInline(query.version)) return ok({ did: city.did, attributes: at(`${issuerUrl(city.did)}/attributes`, query), hasAttributes: attributes.length > 0 })
        return ok({ did: city.did, attributes: await Promise.all(attributes.map((attribute) => issuers.latest(register, attribute))) })
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did/attributes`, summary: 'Accreditations of an issuer', params: issuerParams, query: issuersQuery, responses: { 200: attributesSchema },
      async handle({ params, query }) {
        const register = await read(toMoment(query))
        const city = issuers.find(register, params.did)
        const url = `${issuerUrl(city.did)}/attributes`
        const links = issuers.attributes(register, city).map(({ attributeId }) => ({ id: attributeId, href: at(`${url}/${attributeId}`, query) }))
        return ok(pageOf(links, at(url, query), query))
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did/attributes/:attribute_id`, summary: 'An accreditation, with its proof', params: attributeParams, query: issuerQuery,
      responses: { 200: oneAttributeSchema },
      async handle({ params, query }) {
        const register = await read(toMoment(query))
        const city = issuers.find(register, params.did)
        return withBody(city.did, await issuers.latest(register, issuers.findAttribute(register, city, params.attribute_id)))
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did/attributes/:attribute_id/revisions`, summary: 'How an accreditation stood, the oldest first', params: attributeParams,
      query: revisionsQuery, responses: { 200: revisionsSchema },
      async handle({ params, query }) {
        const register = await read(toMoment(query))
        const city = issuers.find(register, params.did)
        const url = `${issuerUrl(city.did)}/attributes/${params.attribute_id}/revisions`
        const views = await issuers.revisions(register, issuers.findAttribute(register, city, params.attribute_id))
        if (isInline(query.version)) return ok(pageOf(views, at(url, query), query))
        return ok(pageOf(views.map(({ hash }) => ({ id: hash, href: at(`${url}/${hash}`, query) })), at(url, query), query))
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did/attributes/:attribute_id/revisions/:revision_id`, summary: 'One revision, with its proof', params: revisionParams,
      query: issuerQuery, responses: { 200: oneAttributeSchema },
      async handle({ params, query }) {
        const register = await read(toMoment(query))
        const city = issuers.find(register, params.did)
        const views = await issuers.revisions(register, issuers.findAttribute(register, city, params.attribute_id))
        return withBody(city.did, issuers.chosen(views, params.revision_id))
      },
    }),
    defineRoute({
      ...common, path: `${path}/:did/proxies`, summary: 'Proxies of an issuer: none, the state of cards is on the chain', params: issuerParams, query: issuersQuery,
      responses: { 200: proxiesSchema },
      async handle({ params, query }) {
        const city = issuers.find(await read(toMoment(query)), params.did)
        return ok(pageOf([], at(`${issuerUrl(city.did)}/proxies`, query), query))
      },
    }),
  ]
}
