import type { NativeKms } from '../../agent/keys/native-kms.ts'
import type { TrustHistory } from '../../chain/history.ts'
import type { CityIdentity } from '../city/identity.ts'
import type { Db } from '../platform/database.ts'
import type { RouteDefinition } from '../platform/route.ts'
import { createIssuersService } from './issuers-service.ts'
import { createPublishedService } from './published-service.ts'
import { createTrustRoutes } from './routes.ts'
import { createTrustService } from './service.ts'
import { createTrustStore } from './store.ts'
import type { DecisionSource } from './types.ts'

export interface TrustOptions {
  readonly db: Db
  readonly history: TrustHistory
  readonly decisions: DecisionSource
  readonly identity: CityIdentity
  readonly keys: Pick<NativeKms, 'signJws'>
  readonly clock: () => Date
}

/** The federation's register in every dialect, signed with the city's issuer key. */
export function createTrust({ db, history, decisions, identity, keys, clock }: TrustOptions): { readonly routes: readonly RouteDefinition[] } {
  const sign = async (kid: string, signingInput: string): Promise<string> => await keys.signJws(kid, signingInput)
  const { did, issuerKid: kid, x5c, publicUrl } = identity
  return {
    routes: createTrustRoutes({
      trust: createTrustService({ history, identity, sign, clock }),
      published: createPublishedService(db),
      issuers: createIssuersService({ store: createTrustStore(db), publisher: { did, kid, x5c }, sign }),
      decisions, publicUrl, clock,
    }),
  }
}
