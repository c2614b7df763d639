import { nativeCryptoSuite } from '../../agent/keys/crypto-suite-node.ts'
import { controllerAccount } from '../city/identity.ts'
import type { Room, RoomDependencies } from '../city/types.ts'
import type { ResidentCards } from '../residents/types.ts'
import { createDidConfiguration } from './did-configuration.ts'
import { createIssuanceJobs } from './jobs.ts'
import { createMetadataRoutes } from './metadata-routes.ts'
import { createProtocolRoutes } from './protocol-routes.ts'
import { createProtocolService } from './protocol-service.ts'
import { createIssuanceRoutes } from './routes.ts'
import { createIssuanceService } from './service.ts'
import { createStatusService } from './status-service.ts'
import { createStatusStore } from './status-store.ts'
import { createIssuanceStore } from './store.ts'

export interface IssuanceOptions {
  /** Where chance comes from; the system's unless a test says otherwise. */
  readonly random?: (length: number) => Uint8Array
  /** Entries of a status list. */
  readonly listSize?: number
}

/** Puts issuance together: offers, OpenID4VCI, the life of cards, status lists. */
export function createIssuance(deps: RoomDependencies, options: IssuanceOptions = {}): Room & { readonly cards: ResidentCards } {
  const { db, config, identity, agent, chain, secrets, clock } = deps
  const { random = nativeCryptoSuite.randomBytes } = options
  const { publicUrl, locode, credentialType: vct } = identity
  const issuer = { did: identity.did, kid: identity.issuerKid, x5c: identity.x5c }
  const store = createIssuanceStore(db, { secrets, cipherOf: (residentId) => deps.residents().cipherOf(residentId) })
  const statusStore = createStatusStore(db)
  const status = createStatusService({
    db, store: statusStore, agent, chain, homes: deps.statusHomes, issuer, locode, publicUrl, account: controllerAccount, epochSeconds: config.statusEpochSeconds, clock, random,
    ...(options.listSize !== undefined && { listSize: options.listSize }),
  })
  const service = createIssuanceService({ db, store, status, acts: deps.acts, secrets, locode, publicUrl, clock, random })
  const protocol = createProtocolService({
    db, store, status, secrets, agent, issuer, locode, publicUrl, vct, clock, random, crypto: nativeCryptoSuite,
    readResident: (residentId) => deps.residents().read(residentId),
    onIssued: (copies) => { deps.metrics.cardsIssued.inc(copies) },
  })
  return {
    routes: [
      ...createIssuanceRoutes(service),
      ...createProtocolRoutes(service, protocol),
      ...createMetadataRoutes({
        agent, status, publicUrl, vct, cityName: identity.cityName,
        didConfiguration: createDidConfiguration({ agent, issuer: { did: identity.did, kid: identity.issuerKid }, publicUrl, clock }),
        issuer: { did: identity.did, kid: identity.issuerKid, publicJwk: identity.issuerJwk },
      }),
    ],
    jobs: createIssuanceJobs({ status, store, epochSeconds: config.statusEpochSeconds }),
    openSteps: async () => await status.isPublished() ? [] : ['status list'],
    cards: service,
  }
}
