import { cityStatusAt, standingAt } from './standing.ts'
import { THUMBPRINT_PREFIX } from './lote-types.ts'
import type { RegisteredCity, TrustRegister } from './trust-register.ts'

/* ToIP Trust Registry Query Protocol v2: what the federation, or a city as an authority of its own, says of others. */

/** The members of a query that name who, by whom, what and on what; RFC 3986 identifiers. */
export interface AuthorityQuery {
  /** A city by its DID, or one of its keys as DID URL or as RFC 9278 thumbprint URN. */
  readonly entityId: string
  /** The federation, or a city by its DID. */
  readonly authorityId: string
  readonly action: string
  /** A credential type (`vct`). */
  readonly resource: string
}

export type AuthorityAnswer =
  | { readonly known: true; readonly granted: boolean; readonly message: string }
  /** Something in the query is not of this registry. */
  | { readonly known: false; readonly part: 'entity_id' | 'authority_id' | 'action' | 'resource' }

interface Subject {
  readonly city: RegisteredCity
  /** Only this key is asked about. */
  readonly thumbprint?: string
}

const issue = 'issue'

/**
 * "Does `authority_id` authorize `entity_id` to take `action` on `resource`?", by all that the register knows of that
 * time. A city authorises its own keys and whoever it recognises for the type.
 *
 * @see https://trustoverip.github.io/tswg-trust-registry-protocol/ Authorization Query and Response Schemas
 */
export function answerAuthorization(register: TrustRegister, query: AuthorityQuery, atSeconds: number): AuthorityAnswer {
  return answer(register, query, atSeconds, { ownAllowed: true, verb: 'is authorised to issue' })
}

/**
 * "Does `authority_id` recognize `entity_id` (another authority) to be authoritative for `action` on `resource`?" The
 * federation recognises its members; a city those with whom it has an agreement, and never itself.
 *
 * @see https://trustoverip.github.io/tswg-trust-registry-protocol/ Recognition Query and Response Schemas
 */
export function answerRecognition(register: TrustRegister, query: AuthorityQuery, atSeconds: number): AuthorityAnswer {
  return answer(register, query, atSeconds, { ownAllowed: false, verb: 'is recognised to issue' })
}

function answer(
  register: TrustRegister, query: AuthorityQuery, atSeconds: number, { ownAllowed, verb }: { readonly ownAllowed: boolean; readonly verb: string },
): AuthorityAnswer {
  const byFederation = query.authorityId === register.authority
  const authority = byFederation ? undefined : register.cities.find(({ did }) => did === query.authorityId)
  if (!byFederation && authority === undefined) return { known: false, part: 'authority_id' }
  const subject = findSubject(register, query.entityId, query.resource)
  if (subject === undefined || (!ownAllowed && subject.thumbprint !== undefined)) return { known: false, part: 'entity_id' }
  if (query.action !== issue) return { known: false, part: 'action' }
  if (!register.accreditations.some(({ credentialType }) => credentialType === query.resource)) return { known: false, part: 'resource' }
  const refusal = refuse(register, subject, query.resource, atSeconds) ?? (authority && refuseBetween(register, authority, subject.city, query.resource, atSeconds, ownAllowed))
  const name = `The city of ${subject.city.name}`
  return refusal === undefined
    ? { known: true, granted: true, message: `${name} ${verb} this type.` }
    : { known: true, granted: false, message: `${name}: ${refusal}.` }
}

/** Why nobody would let the subject issue the type, whoever is asked; undefined when it may. */
function refuse(register: TrustRegister, { city, thumbprint }: Subject, type: string, atSeconds: number): string | undefined {
  const status = cityStatusAt(city, atSeconds)
  if (status !== 'active') return status === 'suspended' ? 'suspended by the federation' : 'not an active member of the federation'
  const keys = register.accreditations.filter((key) =>
    key.locode === city.locode && key.credentialType === type && (thumbprint === undefined || key.thumbprint === thumbprint))
  if (keys.length === 0) return 'not accredited for this type'
  const standings = keys.map((key) => standingAt(key, city, atSeconds))
  return standings.includes('granted') ? undefined : `its accreditation for this type is ${standings[0]}`
}

/** Why this city in particular would not. */
function refuseBetween(register: TrustRegister, authority: RegisteredCity, city: RegisteredCity, type: string, atSeconds: number, ownAllowed: boolean): string | undefined {
  if (cityStatusAt(authority, atSeconds) !== 'active') return 'the authority asked about is not an active member itself'
  if (authority.locode === city.locode) return ownAllowed ? undefined : 'a city does not recognise itself'
  const isRecognised = register.recognitions.some(({ recogniser, issuer, credentialType, granted, ended, validUntilSeconds }) =>
    recogniser === authority.locode && issuer === city.locode && credentialType === type &&
    granted.atSeconds <= atSeconds && atSeconds <= validUntilSeconds && (ended === undefined || atSeconds < ended.atSeconds))
  return isRecognised ? undefined : `${authority.name} does not recognise it for this type`
}

function findSubject(register: TrustRegister, entityId: string, type: string): Subject | undefined {
  if (entityId.startsWith(THUMBPRINT_PREFIX)) {
    const thumbprint = entityId.slice(THUMBPRINT_PREFIX.length)
    const city = answeringCity(register, thumbprint, type)
    return city && { city, thumbprint }
  }
  const [did = '', thumbprint] = entityId.split('#')
  const city = register.cities.find((one) => one.did === did)
  if (city === undefined || thumbprint === undefined) return city && { city }
  return register.accreditations.some((one) => one.thumbprint === thumbprint && one.locode === city.locode) ? { city, thumbprint } : undefined
}

/** Nobody can adopt another city's key: of several that accredited it, the one at whose address the type is published. */
function answeringCity({ cities, accreditations }: TrustRegister, thumbprint: string, type: string): RegisteredCity | undefined {
  const locodes = new Set(accreditations.filter((one) => one.thumbprint === thumbprint).map(({ locode }) => locode))
  const found = cities.filter(({ locode }) => locodes.has(locode))
  if (found.length < 2) return found[0]
  const publishers = found.filter(({ serviceUrl }) => originOf(serviceUrl) !== undefined && originOf(serviceUrl) === originOf(type))
  return publishers.length === 1 ? publishers[0] : undefined
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}
