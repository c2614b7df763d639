import type { z } from 'zod'
import type { CityIdentity } from '../city/identity.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { FederationService } from './service.ts'
import { citySchema, trustSchema } from './wire.ts'

export interface FederationRoutesOptions {
  readonly identity: CityIdentity
  readonly env: 'demo' | 'production' | 'test'
  readonly chainId: number
  readonly statusEpochSeconds: number
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** Who this city is, and what the federation agreed on. */
export function createFederationRoutes(service: FederationService, options: FederationRoutesOptions): readonly RouteDefinition[] {
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
    defineRoute({
      method: 'get', path: '/v1/trust', tag, summary: 'Cities, issuers, agreements, programmes and status lists, as the chain has them',
      access: 'public', cors: true, responses: { 200: trustSchema },
      handle: async () => ({ status: 200, body: toWireTrust(await service.readTrust()), headers: { 'cache-control': 'public, max-age=2' } }),
    }),
  ]
}

function toWireTrust(trust: Awaited<ReturnType<FederationService['readTrust']>>): z.output<typeof trustSchema> {
  return {
    block: trust.block === undefined ? null : { number: trust.block.number, hash: trust.block.hash, time: iso(trust.block.timestampSeconds) },
    cities: trust.cities.map((city) => ({
      locode: city.locode, name: city.name, did: city.did, service_url: city.serviceUrl, status: city.status,
      ...(city.suspensionReason === 0 ? {} : { suspension_reason: city.suspensionReason }),
    })),
    issuers: trust.accreditations.map((issuer) => ({
      city: issuer.locode, thumbprint: issuer.thumbprint, credential_type: issuer.credentialType,
      valid_from: iso(issuer.validFromSeconds), valid_until: iso(issuer.validUntilSeconds),
      ...(issuer.untrustedFromSeconds === undefined ? {} : { untrusted_from: iso(issuer.untrustedFromSeconds) }),
    })),
    recognitions: trust.recognitions.map((recognition) => ({
      recogniser: recognition.recogniser, issuer: recognition.issuer, credential_type: recognition.credentialType,
      benefit_classes: [...recognition.benefitClasses], valid_until: iso(recognition.validUntilSeconds),
    })),
    programs: trust.programs.map((program) => ({
      program_id: program.programId, name: program.name, city: program.city,
      from: iso(program.validFromSeconds), until: iso(program.validUntilSeconds),
      funded: Number(program.funded), redeemed: Number(program.redeemed), burnt: Number(program.burnt),
      outstanding: Number(program.funded - program.redeemed - program.burnt), closed: program.closed,
    })),
    status_lists: trust.statusLists.map((list) => ({
      city: list.city, uri: list.uri, size: list.size, epoch: list.epoch, digest: list.digest, updated_at: iso(list.publishedAtSeconds),
    })),
  }
}
