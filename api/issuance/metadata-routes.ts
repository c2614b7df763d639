import type { CityAgent } from '../../agent/agent.ts'
import type { EcPublicJwk } from '../../agent/formats/crypto-suite.ts'
import { createAuthorizationServerMetadata, createIssuerMetadata } from '../../agent/protocols/issuer-metadata.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { DidConfiguration } from './did-configuration.ts'
import { CARD_CLAIM_LABELS, createTypeMetadata } from './type-metadata.ts'
import { BATCH_SIZE } from './protocol-service.ts'
import type { StatusService } from './status-service.ts'
import { didConfigurationSchema, protocolAnswer, statusListParams } from './wire.ts'

export interface MetadataOptions {
  readonly agent: Pick<CityAgent, 'describeDid'>
  readonly issuer: { readonly did: string; readonly kid: string; readonly publicJwk: EcPublicJwk }
  readonly status: Pick<StatusService, 'serve'>
  readonly didConfiguration: { read(): Promise<DidConfiguration> }
  readonly publicUrl: string
  readonly cityName: string
  readonly vct: string
}

const cached = { 'cache-control': 'public, max-age=300' }

/** Public documents of an issuer: metadata, keys, the type of the card, status lists. */
export function createMetadataRoutes({ agent, issuer, status, didConfiguration, publicUrl, cityName, vct }: MetadataOptions): readonly RouteDefinition[] {
  const issuerMetadata = createIssuerMetadata({ publicUrl, cityName, vct, batchSize: BATCH_SIZE, claims: CARD_CLAIM_LABELS })
  const document = (path: string, tag: string, summary: string, read: () => Promise<object> | object): RouteDefinition => defineRoute({
    method: 'get', path, tag, summary, access: 'public', cors: true, responses: { 200: protocolAnswer },
    async handle() {
      return { status: 200, body: await read(), headers: cached }
    },
  })
  const linkedDids = defineRoute({
    method: 'get', path: '/.well-known/did-configuration.json', tag: 'Keys', summary: 'Proof that this origin and the DID of the city belong together',
    access: 'public', cors: true, responses: { 200: didConfigurationSchema },
    async handle() {
      return { status: 200, body: await didConfiguration.read(), headers: cached }
    },
  })
  const list = (face: 'token' | 'revocation' | 'suspension', mediaType: string, summary: string): RouteDefinition => defineRoute({
    method: 'get', path: `/status/:list_id${face === 'token' ? '' : `/${face}`}`, tag: 'Status', summary, access: 'public', cors: true,
    params: statusListParams, responses: { 200: { mediaType, description: summary } },
    async handle({ params }) {
      const { token, maxAgeSeconds } = await status.serve(params.list_id, face)
      return { status: 200, body: token, mediaType, headers: { 'cache-control': `public, max-age=${maxAgeSeconds}` } }
    },
  })
  return [
    document('/.well-known/openid-credential-issuer', 'OpenID4VCI', 'Issuer metadata', () => issuerMetadata),
    document('/.well-known/oauth-authorization-server', 'OpenID4VCI', 'Authorization server metadata', () => createAuthorizationServerMetadata(publicUrl)),
    document('/.well-known/jwt-vc-issuer', 'Keys', 'Keys of the issuer (SD-JWT VC)', () => ({
      issuer: publicUrl, jwks: { keys: [{ ...issuer.publicJwk, kid: issuer.kid, use: 'sig', alg: 'ES256' }] },
    })),
    document('/.well-known/did.json', 'Keys', 'The DID document of the city', () => agent.describeDid(issuer.did)),
    linkedDids,
    document('/vct/city-card', 'Types', 'Type metadata of the city card', () => createTypeMetadata(vct, cityName)),
    list('token', 'application/statuslist+jwt', 'A status list (IETF Token Status List)'),
    list('revocation', 'application/vc+jwt', 'Revocations of a status list (W3C Bitstring Status List)'),
    list('suspension', 'application/vc+jwt', 'Suspensions of a status list (W3C Bitstring Status List)'),
  ]
}
