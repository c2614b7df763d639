import type { CityAgent } from '../../agent/agent.ts'
import { DID_CONFIGURATION_CONTEXT } from '../../agent/dids/did-document.ts'
import { startOfDaySeconds } from '../../agent/formats/city-card-claims.ts'

const VALID_DAYS = 90
const DAY_SECONDS = 86_400

export interface DidConfigurationOptions {
  readonly agent: Pick<CityAgent, 'createDomainLinkageCredential'>
  readonly issuer: { readonly did: string; readonly kid: string }
  readonly publicUrl: string
  readonly clock: () => Date
}

/** A DID Configuration Resource: these members and no others. */
export interface DidConfiguration {
  readonly '@context': typeof DID_CONFIGURATION_CONTEXT
  readonly linked_dids: string[]
}

/**
 * Proof on the city's origin that its DID is the same city, signed once a day.
 * @see https://identity.foundation/.well-known/resources/did-configuration/#did-configuration-resource
 */
export function createDidConfiguration({ agent, issuer, publicUrl, clock }: DidConfigurationOptions): { read(): Promise<DidConfiguration> } {
  let signed: { readonly day: number; readonly credential: Promise<string> } | undefined
  return {
    async read() {
      const day = startOfDaySeconds(Math.floor(clock().getTime() / 1000))
      if (signed?.day !== day) {
        const credential = agent.createDomainLinkageCredential({
          ...issuer, publicUrl, issuedAtSeconds: day, expiresAtSeconds: day + VALID_DAYS * DAY_SECONDS,
        })
        signed = { day, credential }
        // What failed is not kept: the next reader tries again.
        credential.catch(() => { signed = undefined })
      }
      return { '@context': DID_CONFIGURATION_CONTEXT, linked_dids: [await signed.credential] }
    },
  }
}
