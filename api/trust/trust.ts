import { AgentError } from '../../agent/errors.ts'
import { nativeCryptoSuite } from '../../agent/keys/crypto-suite-node.ts'
import type { NativeKms } from '../../agent/keys/native-kms.ts'
import { signAnswer } from '../../agent/trust-lists/sign-answer.ts'
import type { TrustHistory } from '../../chain/history.ts'
import type { CityIdentity } from '../city/identity.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { AnswerSigner, RouteDefinition } from '../platform/route.ts'
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

/** The federation's register in every dialect, signed with the city's issuer key: what is said, and that it was said to this question. */
export function createTrust({ db, history, decisions, identity, keys, clock }: TrustOptions): { readonly routes: readonly RouteDefinition[] } {
  const { did, issuerKid: kid, x5c, publicUrl } = identity
  const sign = async (signer: string, signingInput: string): Promise<string> => {
    try {
      return await keys.signJws(signer, signingInput)
    } catch (error) {
      throw error instanceof AgentError ? new ApiError('ERR_SIGNING_UNAVAILABLE', undefined, { cause: error }) : error
    }
  }
  const signTo: AnswerSigner = async ({ method, target, ...answer }) => ({ ...await signAnswer(answer, {
    request: { method, url: target.startsWith('/') ? `${publicUrl}${target}` : target },
    keyId: `${did}#${kid}`, signedAtSeconds: Math.floor(clock().getTime() / 1000), sign: async (input) => await sign(kid, input), crypto: nativeCryptoSuite,
  }) })
  const routes = createTrustRoutes({
    trust: createTrustService({ history, identity, sign, clock }),
    published: createPublishedService(),
    issuers: createIssuersService({ store: createTrustStore(db), publisher: { did, kid, x5c }, sign }),
    decisions, publicUrl, clock,
  })
  return { routes: routes.map((route) => ({ ...route, sign: signTo })) }
}
