import type { CityIdentity } from '../city/identity.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import { citySchema } from './wire.ts'

export interface FederationRoutesOptions {
  readonly identity: CityIdentity
  readonly env: 'demo' | 'production' | 'test'
  readonly chainId: number
  readonly statusEpochSeconds: number
}

/** Who this city is. */
export function createFederationRoutes(options: FederationRoutesOptions): readonly RouteDefinition[] {
  const tag = 'Federation'
  const { identity } = options
  const keep = { 'cache-control': 'public, max-age=60' }
  return [
    defineRoute({
      method: 'get', path: '/v1/city', tag, summary: 'This city', access: 'public', cors: true, responses: { 200: citySchema },
      handle: async () => ({
        status: 200,
        headers: keep,
        body: {
          locode: identity.locode, name: identity.cityName, did: identity.did, public_url: identity.publicUrl, chain_id: options.chainId, env: options.env,
          status_epoch_seconds: options.statusEpochSeconds, controller: identity.controller, credential_type: identity.credentialType,
        },
      }),
    }),
  ]
}
