import { defineRoute, type RouteDefinition, type RouteOutput } from '../platform/route.ts'
import type { VerificationService } from './service.ts'
import {
  createBody, createdSchema, directPostAnswer, protocolForm, requestParams, toWireCreated, toWireVerdict, toWireView, verdictSchema, verifyBody, viewSchema,
} from './wire.ts'

const REQUEST_OBJECT = { mediaType: 'application/oauth-authz-req+jwt', description: 'The signed request object' } as const
/** A presentation holds a portrait, and encryption adds a third. */
const PRESENTATION_BYTES = 256 * 1024

/** Routes of the gates, and OpenID4VP 1.0 for wallets. */
export function createVerificationRoutes(service: VerificationService): readonly RouteDefinition[] {
  const requestObject = async (requestId: string, walletNonce: string | undefined): Promise<RouteOutput> =>
    ({ status: 200, body: await service.requestObject(requestId, walletNonce), mediaType: REQUEST_OBJECT.mediaType })

  return [
    defineRoute({
      method: 'post', path: '/v1/verification/requests', tag: 'Verification', summary: 'Ask a holder for claims of a city card',
      access: ['operator', 'staff'], body: createBody, responses: { 201: createdSchema },
      async handle({ body }) {
        return { status: 201, body: toWireCreated(await service.create({ claims: body.claims, purpose: body.purpose, sameDevice: body.same_device })) }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/verification/requests/:request_id', tag: 'Verification', summary: 'What became of a request',
      access: ['operator', 'staff'], params: requestParams, responses: { 200: viewSchema },
      async handle({ params }) {
        return { status: 200, body: toWireView(await service.read(params.request_id)) }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/verification/verify', tag: 'Verification', summary: 'Decide on a presentation that came another way',
      access: ['operator', 'staff'], body: verifyBody, bodyLimitBytes: PRESENTATION_BYTES, responses: { 200: verdictSchema },
      async handle({ body }) {
        return { status: 200, body: toWireVerdict(await service.verify(body)) }
      },
    }),
    defineRoute({
      method: 'get', path: '/oid4vp/requests/:request_id', tag: 'OpenID4VP', summary: 'The request object',
      access: 'public', cors: true, params: requestParams, responses: { 200: REQUEST_OBJECT },
      handle: ({ params }) => requestObject(params.request_id, undefined),
    }),
    defineRoute({
      method: 'post', path: '/oid4vp/requests/:request_id', tag: 'OpenID4VP', summary: 'The request object, made for one wallet',
      access: 'public', cors: true, bodyFormat: 'form', params: requestParams, body: protocolForm, responses: { 200: REQUEST_OBJECT },
      async handle({ params, body }) {
        const walletNonce = body['wallet_nonce']
        return await requestObject(params.request_id, typeof walletNonce === 'string' && walletNonce.length <= 500 ? walletNonce : undefined)
      },
    }),
    defineRoute({
      method: 'post', path: '/oid4vp/responses/:request_id', tag: 'OpenID4VP', summary: 'The answer of a wallet',
      access: 'public', cors: true, bodyFormat: 'form', bodyLimitBytes: PRESENTATION_BYTES, errorFormat: 'oauth',
      params: requestParams, body: protocolForm, responses: { 200: directPostAnswer },
      async handle({ params, body }) {
        const { redirectUri } = await service.respond(params.request_id, body)
        return { status: 200, body: redirectUri === undefined ? {} : { redirect_uri: redirectUri } }
      },
    }),
  ]
}
