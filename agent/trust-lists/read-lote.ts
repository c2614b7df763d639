import type { EcPublicJwk } from '../formats/crypto-suite.ts'
import { toEcPublicJwk } from '../formats/jwk.ts'
import { TrustListError } from './errors.ts'
import {
  ACCREDITATION_EXTENSION, ISSUANCE_SERVICE, LOTE_TYPE, MEMBERSHIP_EXTENSION, MEMBERSHIP_SERVICE, RECOGNITION_EXTENSION, SERVICE_STATUS_PREFIX,
} from './lote-types.ts'
import type { Standing } from './standing.ts'
import { secondsOf } from './times.ts'

/** One accreditation of a key, as a list of trusted entities has it. */
export interface ListedKey {
  readonly thumbprint: string
  readonly publicJwk: EcPublicJwk
  readonly credentialType: string
  readonly standing: Standing
  readonly standingSinceSeconds: number
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly untrustedFromSeconds?: number
}

export interface ListedMember {
  readonly locode: string
  readonly name: string
  readonly did: string
  readonly serviceUrl: string
  readonly standing: Standing
  readonly memberSinceSeconds?: number
  readonly suspensionReason?: number
  readonly suspendedUntilSeconds?: number
  readonly keys: readonly ListedKey[]
}

export interface TrustList {
  readonly authority: string
  readonly sequenceNumber: number
  readonly issuedAtSeconds: number
  readonly nextUpdateSeconds: number
  readonly members: readonly ListedMember[]
}

type Part = Readonly<Record<string, unknown>>
const standings: readonly string[] = ['pending', 'granted', 'suspended', 'withdrawn', 'expired'] satisfies Standing[]

/**
 * Reads what `createListOfTrustedEntities` wrote. Small on purpose: it is part of the wallet.
 *
 * @throws TrustListError `ERR_TRUST_LIST_MALFORMED`
 */
export function readListOfTrustedEntities(document: unknown): TrustList {
  const lote = part(part(document)['LoTE'])
  const scheme = part(lote['ListAndSchemeInformation'])
  if (scheme['LoTEVersionIdentifier'] !== 1 || scheme['LoTEType'] !== LOTE_TYPE) throw malformed('a list of another kind')
  const entities = lote['TrustedEntitiesList'] === undefined ? [] : list(lote['TrustedEntitiesList'])
  return {
    authority: text(extension(scheme['SchemeExtensions'], RECOGNITION_EXTENSION)['Authority']),
    sequenceNumber: whole(scheme['LoTESequenceNumber']),
    issuedAtSeconds: time(scheme['ListIssueDateTime']),
    nextUpdateSeconds: time(scheme['NextUpdate']),
    members: entities.map((entity) => readMember(part(entity))),
  }
}

function readMember(entity: Part): ListedMember {
  const services = list(entity['TrustedEntityServices']).map((service) => part(part(service)['ServiceInformation']))
  const membership = services.find((service) => service['ServiceTypeIdentifier'] === MEMBERSHIP_SERVICE)
  if (membership === undefined) throw malformed('an entity that is no member')
  const told = extension(membership['ServiceInformationExtensions'], MEMBERSHIP_EXTENSION)
  const [point] = list(membership['ServiceSupplyPoints'])
  const [name] = list(part(entity['TrustedEntityInformation'])['TEName'])
  return {
    locode: text(told['Locode']),
    name: text(part(name)['value']),
    did: text(told['DID']),
    serviceUrl: text(part(point)['uriValue']),
    standing: standing(membership),
    ...optional('memberSinceSeconds', told['MemberSince'], time),
    ...optional('suspensionReason', told['SuspensionReason'], whole),
    ...optional('suspendedUntilSeconds', told['SuspendedUntil'], time),
    keys: services.filter((service) => service['ServiceTypeIdentifier'] === ISSUANCE_SERVICE).map(readKey),
  }
}

function readKey(service: Part): ListedKey {
  const [value] = list(part(service['ServiceDigitalIdentity'])['PublicKeyValues'])
  const publicJwk = toEcPublicJwk(value)
  if (publicJwk === undefined) throw malformed('a key that is not on P-256')
  const told = extension(service['ServiceInformationExtensions'], ACCREDITATION_EXTENSION)
  return {
    thumbprint: text(part(value)['kid']),
    publicJwk,
    credentialType: text(told['CredentialType']),
    standing: standing(service),
    standingSinceSeconds: time(service['StatusStartingTime']),
    validFromSeconds: time(told['ValidFrom']),
    validUntilSeconds: time(told['ValidUntil']),
    ...optional('untrustedFromSeconds', told['UntrustedFrom'], time),
  }
}

function standing(service: Part): Standing {
  const status = text(service['ServiceStatus'])
  const name = status.startsWith(SERVICE_STATUS_PREFIX) ? status.slice(SERVICE_STATUS_PREFIX.length) : ''
  if (!standings.includes(name)) throw malformed('an unknown status')
  return name as Standing
}

function extension(extensions: unknown, uri: string): Part {
  const found = list(extensions).map(part).find((one) => one['ExtensionURI'] === uri)
  if (found === undefined) throw malformed('an extension is missing')
  return found
}

function part(value: unknown): Part {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('not an object')
  return value as Part
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed('not a list')
  return value as readonly unknown[]
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw malformed('not text')
  return value
}

function whole(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw malformed('not a whole number')
  return value as number
}

function time(value: unknown): number {
  const seconds = secondsOf(value)
  if (seconds === undefined) throw malformed('not a time')
  return seconds
}

function optional<Name extends string, Value>(name: Name, value: unknown, read: (value: unknown) => Value): { readonly [key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: read(value) }) as { readonly [key in Name]?: Value }
}

function malformed(reason: string): TrustListError {
  return new TrustListError('ERR_TRUST_LIST_MALFORMED', `the list cannot be read: ${reason}`)
}
