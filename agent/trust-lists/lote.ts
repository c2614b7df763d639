import type { CityStatus } from '../trust.ts'
import {
  ACCREDITATION_EXTENSION, ISSUANCE_SERVICE, LOTE_TYPE, MEMBERSHIP_EXTENSION, MEMBERSHIP_SERVICE, RECOGNITION_EXTENSION, SERVICE_STATUS_PREFIX,
  THUMBPRINT_PREFIX, type LanguageUri, type ListOfTrustedEntities, type ServiceDigitalIdentity, type ServiceHistoryInstance, type ServiceInformation,
  type TrustedEntity, type TrustedEntityService,
} from './lote-types.ts'
import { cityHistory, standingHistory, suspensionAt, type Standing, type Stretch } from './standing.ts'
import { isoOf } from './times.ts'
import type { RegisteredAccreditation, RegisteredCity, TrustRegister } from './trust-register.ts'

export interface CreateLoteOptions {
  /** The city that publishes the list. */
  readonly operator: { readonly locode: string; readonly cityName: string; readonly publicUrl: string }
  /** Where the list is published. */
  readonly listUrl: string
  readonly issuedAtSeconds: number
  /** After this the list is stale. */
  readonly nextUpdateSeconds: number
}

/** TS 119 612 §5.3.12, which TS 119 602 §6.3.12 follows: nothing of the past is ever taken out. */
const neverRemoved = 65_535
const membershipStatus = { pending: 'pending', active: 'granted', suspended: 'suspended', removed: 'withdrawn' } as const satisfies Record<CityStatus, Standing>

/**
 * Says a register as a list of trusted entities with explicit scheme information: each city with its membership and,
 * for each key it accredited, a service; each with what came before. The sequence number is the number of the block.
 *
 * @see https://www.etsi.org/deliver/etsi_ts/119600_119699/119602/01.01.01_60/ts_119602v010101p.pdf clauses 6.3 to 6.6, Annex A
 */
export function createListOfTrustedEntities(register: TrustRegister, options: CreateLoteOptions): ListOfTrustedEntities {
  const { operator, listUrl, issuedAtSeconds, nextUpdateSeconds } = options
  const page = (path: string): LanguageUri[] => [{ lang: 'en', uriValue: `${operator.publicUrl}${path}` }]
  const entities = register.cities.map((city) => toEntity(city, register))
  return {
    LoTE: {
      ListAndSchemeInformation: {
        LoTEVersionIdentifier: 1,
        LoTESequenceNumber: Math.max(1, register.block.number),
        LoTEType: LOTE_TYPE,
        SchemeOperatorName: [{ lang: 'en', value: operator.cityName }],
        SchemeOperatorAddress: {
          SchemeOperatorPostalAddress: [addressOf(operator.locode, operator.cityName)],
          SchemeOperatorElectronicAddress: [{ lang: 'en', uriValue: operator.publicUrl }],
        },
        SchemeName: [{ lang: 'en', value: `${countryOf(operator.locode)}:City cards of the federation, as the city of ${operator.cityName} reads them from its chain` }],
        SchemeInformationURI: page('/public/'),
        StatusDeterminationApproach: 'urn:symbolon:status-determination:federation-contracts',
        SchemeTypeCommunityRules: page('/v1/federation'),
        SchemeTerritory: countryOf(operator.locode),
        PolicyOrLegalNotice: [{ LoTEPolicy: { lang: 'en', uriValue: `${operator.publicUrl}/public/` } }],
        HistoricalInformationPeriod: neverRemoved,
        ListIssueDateTime: isoOf(issuedAtSeconds),
        NextUpdate: isoOf(nextUpdateSeconds),
        DistributionPoints: [listUrl],
        SchemeExtensions: [{
          ExtensionURI: RECOGNITION_EXTENSION,
          Critical: false,
          Authority: register.authority,
          BlockNumber: register.block.number,
          BlockHash: register.block.hash,
          BlockTime: isoOf(register.block.timestampSeconds),
          Recognitions: register.recognitions.filter(({ ended }) => ended === undefined).map((recognition) => ({
            Recogniser: recognition.recogniser,
            Issuer: recognition.issuer,
            CredentialType: recognition.credentialType,
            BenefitClasses: [...recognition.benefitClasses],
            ValidUntil: isoOf(recognition.validUntilSeconds),
          })),
        }],
      },
      ...(entities.length > 0 && { TrustedEntitiesList: entities }),
    },
  }
}

function toEntity(city: RegisteredCity, register: TrustRegister): TrustedEntity {
  const keys = register.accreditations.filter(({ locode }) => locode === city.locode)
  const url = uriOf(city.serviceUrl, city)
  return {
    TrustedEntityInformation: {
      TEName: [{ lang: 'en', value: city.name }],
      TETradeName: [{ lang: 'en', value: `UNLOCODE-${city.locode}` }],
      TEAddress: { TEPostalAddress: [addressOf(city.locode, city.name)], TEElectronicAddress: [{ lang: 'en', uriValue: url }] },
      TEInformationURI: [{ lang: 'en', uriValue: url }],
    },
    TrustedEntityServices: [membershipOf(city, url, register.atSeconds), ...keys.map((key) => issuanceOf(key, city, url, register.atSeconds))],
  }
}

function membershipOf(city: RegisteredCity, url: string, atSeconds: number): TrustedEntityService {
  const identity: ServiceDigitalIdentity = { OtherIds: [uriOf(city.did, city)] }
  return serviceOf(cityHistory(city, atSeconds).map((stretch) => {
    const suspension = stretch.status === 'suspended' ? suspensionAt(city, stretch.fromSeconds) : undefined
    return {
      ServiceTypeIdentifier: MEMBERSHIP_SERVICE,
      ServiceName: [{ lang: 'en', value: 'Member of the federation' }],
      ServiceDigitalIdentity: identity,
      ServiceStatus: `${SERVICE_STATUS_PREFIX}${membershipStatus[stretch.status]}`,
      StatusStartingTime: isoOf(stretch.fromSeconds),
      ServiceInformationExtensions: [{
        ExtensionURI: MEMBERSHIP_EXTENSION,
        Critical: false,
        Locode: city.locode,
        DID: city.did,
        ...(city.activated !== undefined && { MemberSince: isoOf(city.activated.atSeconds) }),
        ...(suspension !== undefined && { SuspensionReason: suspension.reason, SuspendedUntil: isoOf(suspension.untilSeconds) }),
        ...evidenceOf(stretch),
      }],
    }
  }), { ServiceSupplyPoints: [{ ServiceType: MEMBERSHIP_SERVICE, uriValue: url }] })
}

function issuanceOf(key: RegisteredAccreditation, city: RegisteredCity, url: string, atSeconds: number): TrustedEntityService {
  const identity: ServiceDigitalIdentity = {
    PublicKeyValues: [{ ...key.publicJwk, kid: key.thumbprint }],
    OtherIds: [`${THUMBPRINT_PREFIX}${key.thumbprint}`],
  }
  const definition = URL.canParse(key.credentialType) ? { ServiceDefinitionURI: [{ lang: 'en', uriValue: key.credentialType }] } : {}
  return serviceOf(standingHistory(key, city, atSeconds).map((stretch) => ({
    ServiceTypeIdentifier: ISSUANCE_SERVICE,
    ServiceName: [{ lang: 'en', value: 'Issuance of city cards' }],
    ServiceDigitalIdentity: identity,
    ServiceStatus: `${SERVICE_STATUS_PREFIX}${stretch.status}`,
    StatusStartingTime: isoOf(stretch.fromSeconds),
    ServiceInformationExtensions: [{
      ExtensionURI: ACCREDITATION_EXTENSION,
      Critical: false,
      CredentialType: key.credentialType,
      ValidFrom: isoOf(key.validFromSeconds),
      ValidUntil: isoOf(key.validUntilSeconds),
      ...(key.untrustedFromSeconds !== undefined && { UntrustedFrom: isoOf(key.untrustedFromSeconds) }),
      ...evidenceOf(stretch),
    }],
  })), { ServiceSupplyPoints: [{ ServiceType: ISSUANCE_SERVICE, uriValue: url }], ...definition })
}

/** The last stretch is how the service stands, those before it are its history, the newest first (TS 119 612 §5.5.10). */
function serviceOf(stretches: readonly ServiceHistoryInstance[], more: Partial<ServiceInformation>): TrustedEntityService {
  const [now, ...before] = [...stretches].reverse()
  if (now === undefined) throw new RangeError('what stands in a register stood somehow from its first second on')
  return { ServiceInformation: { ...now, ...more }, ...(before.length > 0 && { ServiceHistory: before }) }
}

function evidenceOf({ cause }: Stretch<unknown>): { Block?: number; Transaction?: string } {
  return cause === undefined ? {} : { Block: cause.blockNumber, Transaction: cause.transactionHash }
}

/** Anybody's text stands on the chain where the list must have a URI. */
function uriOf(text: string, { locode }: { readonly locode: string }): string {
  return URL.canParse(text) ? text : `urn:symbolon:city:${locode}`
}

function countryOf(locode: string): string {
  return locode.slice(0, 2)
}

/** The chain knows a city's name and country and no street: what the clause wants as street is the name. */
function addressOf(locode: string, name: string) {
  return { lang: 'en', StreetAddress: name, Locality: name, Country: countryOf(locode) }
}
