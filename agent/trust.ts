/** A UN/LOCODE without the space: `PTOPO`, `FRCFE`. */
export type Locode = string

/** A P-256 public key as the chain holds it (RFC 7517 §4, without optional members). */
export interface IssuerPublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/**
 * Why the federation suspended a city: the codes that stand on the chain. The list with its explanations is in
 * docs/governance.md; a code keeps its meaning for ever.
 */
export const suspensionReasons = {
  1: 'security_incident',
  2: 'agreement_breached',
  3: 'keys_lost',
  4: 'data_protection_order',
  5: 'own_request',
  6: 'payments_overdue',
  99: 'other',
} as const satisfies Readonly<Record<number, string>>

export type CityStatus = 'pending' | 'active' | 'suspended' | 'removed'

export interface TrustedCity {
  readonly locode: Locode
  /** What the city is called, in its own language. */
  readonly name: string
  readonly did: string
  readonly serviceUrl: string
  readonly status: CityStatus
  /** Reason code of a suspension, as the federation gave it; 0 when none. */
  readonly suspensionReason: number
}

/** One accreditation of one issuer key for one credential type. Times are seconds since 1970. */
export interface Accreditation {
  readonly locode: Locode
  /** RFC 7638 SHA-256 thumbprint, base64url. */
  readonly thumbprint: string
  readonly publicJwk: IssuerPublicJwk
  /** The `vct` the key may sign. */
  readonly credentialType: string
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  /** Set once the accreditation is withdrawn: what is signed from this time on is not trusted. */
  readonly untrustedFromSeconds?: number
}

export interface Recognition {
  readonly recogniser: Locode
  readonly issuer: Locode
  readonly credentialType: string
  readonly benefitClasses: readonly number[]
  readonly validUntilSeconds: number
}

/** What a verifier must know about issuers. Answered locally, without asking any other city. */
export interface TrustSource {
  /** Every accreditation of a key for a type, also withdrawn and lapsed ones. */
  findAccreditations(thumbprint: string, credentialType: string): Promise<readonly Accreditation[]>
  findCity(locode: Locode): Promise<TrustedCity | undefined>
  findRecognition(recogniser: Locode, issuer: Locode, credentialType: string): Promise<Recognition | undefined>
  /** All types whose cards `recogniser` accepts now: its own and those it recognises. */
  listAcceptedTypes(recogniser: Locode, atSeconds: number): Promise<readonly { locode: Locode; credentialType: string }[]>
}

/** Values of the Token Status List registry (draft-ietf-oauth-status-list §7.1). */
export type StatusValue = 'valid' | 'invalid' | 'suspended'

export interface StatusReading {
  /** The city that publishes the list: its word counts for its own cards only. */
  readonly city: Locode
  readonly value: StatusValue
  readonly epoch: number
  /** When the head that was read was written to the chain, seconds since 1970. */
  readonly updatedAtSeconds: number
}

/** Where a verifier reads a card's status. Undefined when the list is not known. */
export interface StatusSource {
  /**
   * Every city may publish a list under any URI: with `city`, that city's own counts; without, the list must be the only one.
   */
  readStatus(statusListUri: string, index: number, city?: Locode): Promise<StatusReading | undefined>
}
