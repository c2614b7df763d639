import type { EcPublicJwk } from '../formats/crypto-suite.ts'

/* The parts of ETSI TS 119 602 V1.1.1 that a federation of cities says something with, named as its JSON binding does. */

export const LOTE_TYP = 'trustlist+jwt'
export const LOTE_MEDIA_TYPE = 'application/jwt'
/** Clause 6.3.3: a list of our own kind, none of those that Annexes D to I reserve for the European Commission. */
export const LOTE_TYPE = 'urn:symbolon:lote-type:city-card-issuers'
export const MEMBERSHIP_SERVICE = 'urn:symbolon:service-type:federation-membership'
export const ISSUANCE_SERVICE = 'urn:symbolon:service-type:city-card-issuance'
export const SERVICE_STATUS_PREFIX = 'urn:symbolon:service-status:'
export const MEMBERSHIP_EXTENSION = 'urn:symbolon:lote-extension:membership'
export const ACCREDITATION_EXTENSION = 'urn:symbolon:lote-extension:accreditation'
export const RECOGNITION_EXTENSION = 'urn:symbolon:lote-extension:recognitions'
export const THUMBPRINT_PREFIX = 'urn:ietf:params:oauth:jwk-thumbprint:sha-256:'

export interface LanguageText {
  readonly lang: string
  readonly value: string
}

export interface LanguageUri {
  readonly lang: string
  readonly uriValue: string
}

/** An extension of clause 6.3.17 or 6.6.9, whose content the clause leaves to the scheme. */
export interface LoteExtension {
  readonly ExtensionURI: string
  /** False: who does not know it may pass over it. */
  readonly Critical: false
  readonly [member: string]: unknown
}

export interface ServiceDigitalIdentity {
  readonly PublicKeyValues?: readonly (EcPublicJwk & { readonly kid: string })[]
  readonly OtherIds?: readonly string[]
}

export interface ServiceHistoryInstance {
  readonly ServiceTypeIdentifier: string
  readonly ServiceName: readonly LanguageText[]
  readonly ServiceDigitalIdentity: ServiceDigitalIdentity
  readonly ServiceStatus: string
  readonly StatusStartingTime: string
  readonly ServiceInformationExtensions?: readonly LoteExtension[]
}

export interface ServiceInformation extends ServiceHistoryInstance {
  readonly ServiceSupplyPoints?: readonly { readonly ServiceType: string; readonly uriValue: string }[]
  readonly ServiceDefinitionURI?: readonly LanguageUri[]
}

export interface TrustedEntityService {
  readonly ServiceInformation: ServiceInformation
  /** The newest first. */
  readonly ServiceHistory?: readonly ServiceHistoryInstance[]
}

interface PostalAddress {
  readonly lang: string
  readonly StreetAddress: string
  readonly Locality: string
  readonly Country: string
}

export interface TrustedEntity {
  readonly TrustedEntityInformation: {
    readonly TEName: readonly LanguageText[]
    readonly TETradeName: readonly LanguageText[]
    readonly TEAddress: { readonly TEPostalAddress: readonly PostalAddress[]; readonly TEElectronicAddress: readonly LanguageUri[] }
    readonly TEInformationURI: readonly LanguageUri[]
  }
  readonly TrustedEntityServices: readonly TrustedEntityService[]
}

export interface ListOfTrustedEntities {
  readonly LoTE: {
    readonly ListAndSchemeInformation: {
      readonly LoTEVersionIdentifier: 1
      readonly LoTESequenceNumber: number
      readonly LoTEType: string
      readonly SchemeOperatorName: readonly LanguageText[]
      readonly SchemeOperatorAddress: {
        readonly SchemeOperatorPostalAddress: readonly PostalAddress[]
        readonly SchemeOperatorElectronicAddress: readonly LanguageUri[]
      }
      readonly SchemeName: readonly LanguageText[]
      readonly SchemeInformationURI: readonly LanguageUri[]
      readonly StatusDeterminationApproach: string
      readonly SchemeTypeCommunityRules: readonly LanguageUri[]
      readonly SchemeTerritory: string
      readonly PolicyOrLegalNotice: readonly { readonly LoTEPolicy: LanguageUri }[]
      readonly HistoricalInformationPeriod: number
      readonly ListIssueDateTime: string
      readonly NextUpdate: string
      readonly DistributionPoints: readonly string[]
      readonly SchemeExtensions: readonly LoteExtension[]
    }
    /** Left out when there is nobody to list: the schema has no empty list. */
    readonly TrustedEntitiesList?: readonly TrustedEntity[]
  }
}
