import { nativeCryptoSuite } from '../../agent/keys/crypto-suite-node.ts'
import type { Room, RoomDependencies } from '../city/types.ts'
import { createVerificationRoutes } from './routes.ts'
import { createVerificationService } from './service.ts'
import { createVerificationStore } from './store.ts'

/** A status that is older than this many epochs no longer counts. */
const STATUS_EPOCHS = 12
/** At least, in seconds: a chain that pauses for a minute closes no gate. */
const LEAST_STATUS_AGE_SECONDS = 600

/** Puts verification together. */
export function createVerification(deps: RoomDependencies): Room {
  const { db, config, identity, agent, trust, secrets, clock } = deps
  const store = createVerificationStore(db, secrets)
  const service = createVerificationService({
    store, agent, trust, clock,
    issuer: { kid: identity.issuerKid, x5c: identity.x5c },
    crypto: nativeCryptoSuite,
    random: nativeCryptoSuite.randomBytes,
    locode: identity.locode,
    cityName: identity.cityName,
    publicUrl: identity.publicUrl,
    onDecision: (outcome) => { deps.metrics.verifications.inc({ outcome }) },
    maxStatusAgeSeconds: Math.max(STATUS_EPOCHS * config.statusEpochSeconds, LEAST_STATUS_AGE_SECONDS),
  })
  return {
    routes: createVerificationRoutes(service),
    jobs: [{ name: 'verification-sweep', everySeconds: 300, run: (now) => store.sweep(now) }],
    openSteps: async () => [],
  }
}
