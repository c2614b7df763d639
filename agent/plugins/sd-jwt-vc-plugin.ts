import type { IAgentContext, IAgentPlugin } from '@veramo/core-types'
import { issueSdJwtVc, type IssueSdJwtVcOptions } from '../formats/sd-jwt-vc-issue-node.ts'
import type { NativeKms } from '../keys/native-kms.ts'
import type { StatusSource, TrustSource } from '../trust.ts'
import { verifyCard, type CardDecision, type VerifyCardOptions } from '../verification/verify-card.ts'

export type CreateSdJwtVcArgs = Omit<IssueSdJwtVcOptions, 'sign'>

export type VerifyCityCardArgs = Omit<VerifyCardOptions, 'trust' | 'status' | 'nowSeconds' | 'crypto'>

/** The methods that this plugin adds to a Veramo agent. */
export type SdJwtVcPluginMethods = {
  /** Signs a city card as an SD-JWT VC with the key `kid` of the key manager. */
  createSdJwtVc(args: CreateSdJwtVcArgs, context?: IAgentContext<Record<never, never>>): Promise<string>
  /** Decides on a presented card of either format. */
  verifyCityCard(args: VerifyCityCardArgs, context?: IAgentContext<Record<never, never>>): Promise<CardDecision>
}

export interface SdJwtVcPluginOptions {
  readonly keys: NativeKms
  readonly trust: TrustSource
  readonly status: StatusSource
  /** Seconds since 1970. */
  readonly clock: () => number
}

/**
 * Teaches a Veramo agent SD-JWT VC.
 * @see https://veramo.io/docs/veramo_agent/create_custom_plugins
 */
export class SdJwtVcPlugin implements IAgentPlugin {
  readonly methods: SdJwtVcPluginMethods

  constructor({ keys, trust, status, clock }: SdJwtVcPluginOptions) {
    this.methods = {
      createSdJwtVc: (args) => issueSdJwtVc({ ...args, sign: (signingInput) => keys.signJws(args.kid, signingInput) }),
      verifyCityCard: (args) => verifyCard({ ...args, trust, status, nowSeconds: clock() }),
    }
  }
}
