import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { ProtocolService } from './protocol-service.ts'
import type { IssuanceService } from './service.ts'
import { credentialResponse, nonceResponse, offerParams, protocolAnswer, protocolBody, tokenResponse } from './wire.ts'

const tag = 'OpenID4VCI'

/** What wallets call: OpenID4VCI 1.0. */
export function createProtocolRoutes(issuance: Pick<IssuanceService, 'readOfferObject'>, protocol: ProtocolService): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'get', path: '/oid4vci/offers/:offer_id', tag, summary: 'A credential offer by reference',
      access: 'public', cors: true, params: offerParams, responses: { 200: protocolAnswer },
      async handle({ params }) {
        return { status: 200, body: await issuance.readOfferObject(params.offer_id) }
      },
    }),
    defineRoute({
      method: 'post', path: '/oid4vci/token', tag, summary: 'Exchange a pre-authorized code for an access token',
      access: 'public', cors: true, rate: 'credential', bodyFormat: 'form', bodyLimitBytes: 8 * 1024, errorFormat: 'oauth',
      body: protocolBody, responses: { 200: tokenResponse },
      async handle({ body }) {
        return { status: 200, body: await protocol.token(body) }
      },
    }),
    defineRoute({
      method: 'post', path: '/oid4vci/nonce', tag, summary: 'A fresh nonce for key proofs',
      access: 'public', cors: true, errorFormat: 'oauth', responses: { 200: nonceResponse },
      async handle() {
        return { status: 200, body: await protocol.nonce() }
      },
    }),
    defineRoute({
      method: 'post', path: '/oid4vci/credential', tag, summary: 'Issue the copies of a card',
      access: 'public', cors: true, bodyFormat: 'json', errorFormat: 'oauth', body: protocolBody, responses: { 200: credentialResponse },
      async handle({ headers, body }) {
        return { status: 200, body: await protocol.credential(headers.authorization, body) }
      },
    }),
    defineRoute({
      method: 'post', path: '/oid4vci/notification', tag, summary: 'What became of issued copies',
      access: 'public', cors: true, bodyFormat: 'json', bodyLimitBytes: 8 * 1024, errorFormat: 'oauth', body: protocolBody,
      responses: { 204: { mediaType: 'text/plain', description: 'Noted' } },
      async handle({ headers, body }) {
        await protocol.notification(headers.authorization, body)
        return { status: 204 }
      },
    }),
  ]
}
