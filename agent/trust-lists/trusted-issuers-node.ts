import { hash } from 'node:crypto'
import type { Standing, Stretch } from './standing.ts'
import { standingHistory } from './standing.ts'
import { isoOf, lastSeconds } from './times.ts'
import type { RegisteredAccreditation, RegisteredCity, TrustRegister } from './trust-register.ts'

/* The registry of trusted issuers as EBSI's read API tells it: an issuer's accreditations are its attributes. */

/** The types of an attribute in EBSI's registry. What is suspended, lapsed or not yet of force is none of the others. */
export type IssuerType = 'TI' | 'Revoked' | 'Undefined'

/** One accreditation, and how it stood from each turn on: each turn is a revision. */
export interface IssuerAttribute {
  /** SHA-256, hex: the same wherever it is published. */
  readonly attributeId: string
  readonly city: RegisteredCity
  readonly accreditation: RegisteredAccreditation
  /** The oldest first; the last one holds now. */
  readonly revisions: readonly Stretch<Standing>[]
}

/** The accreditations of a city, in the order of the chain. */
export function listAttributes(register: TrustRegister, city: RegisteredCity): readonly IssuerAttribute[] {
  return register.accreditations.filter(({ locode }) => locode === city.locode).map((accreditation) => ({
    attributeId: attributeIdOf(register.authority, accreditation),
    city,
    accreditation,
    revisions: standingHistory(accreditation, city, register.atSeconds),
  }))
}

export function issuerTypeOf(standing: Standing): IssuerType {
  return standing === 'granted' ? 'TI' : standing === 'withdrawn' ? 'Revoked' : 'Undefined'
}

/** A registry accredits a key of a city for a type once and for all; a later registry may do so again. */
function attributeIdOf(authority: string, { locode, thumbprint, credentialType, accredited }: RegisteredAccreditation): string {
  return hash('sha256', JSON.stringify([authority, locode, thumbprint, credentialType, accredited.transactionHash]), 'hex')
}

export interface AccreditationProofOptions {
  readonly attribute: IssuerAttribute
  readonly revision: Stretch<Standing>
  readonly authority: string
  /** DID of the city whose index says so and whose key signs. */
  readonly publisher: string
}

/**
 * The payload of a revision's proof: a W3C credential (VCDM 1.1 as JWT) in the form of EBSI's Verifiable Accreditation
 * to Attest. The same for the same revision, whenever it is asked for: nothing in it is of the time of asking.
 *
 * @see https://hub.ebsi.eu/vc-framework/trust-model/issuer-trust-model-v3
 * @see https://www.w3.org/TR/vc-data-model-1.1/#json-web-token
 */
export function createAccreditationProof({ attribute, revision, authority, publisher }: AccreditationProofOptions): Record<string, unknown> {
  const { city, accreditation, attributeId } = attribute
  const { validFromSeconds, validUntilSeconds } = accreditation
  const id = `urn:symbolon:accreditation:${attributeId}:${revision.fromSeconds}:${revision.status}`
  return {
    iss: publisher,
    sub: city.did,
    jti: id,
    iat: revision.fromSeconds,
    nbf: validFromSeconds,
    exp: Math.min(validUntilSeconds, lastSeconds),
    vc: {
      '@context': ['https://www.w3.org/2018/credentials/v1'],
      id,
      type: ['VerifiableCredential', 'VerifiableAttestation', 'VerifiableAccreditation', 'VerifiableAccreditationToAttest'],
      issuer: publisher,
      issuanceDate: isoOf(revision.fromSeconds),
      issued: isoOf(revision.fromSeconds),
      validFrom: isoOf(validFromSeconds),
      validUntil: isoOf(validUntilSeconds),
      expirationDate: isoOf(validUntilSeconds),
      credentialSubject: {
        id: city.did,
        reservedAttributeId: attributeId,
        accreditedFor: [{ schemaId: accreditation.credentialType, types: [accreditation.credentialType], limitJurisdiction: `urn:symbolon:city:${city.locode}` }],
        publicKeyJwk: { ...accreditation.publicJwk, kid: accreditation.thumbprint },
        standing: revision.status,
        ...(revision.cause !== undefined && { evidence: { block: revision.cause.blockNumber, transaction: revision.cause.transactionHash } }),
      },
      termsOfUse: { id: authority, type: 'VerifiableAccreditation' },
    },
  }
}
