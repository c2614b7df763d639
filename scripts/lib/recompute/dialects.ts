import { createHash } from 'node:crypto'
import { unknowable, type Answer, type AnswerObject, type CountedAt } from './answers.ts'
import { toTime } from './figures.ts'
import type { Key, Ledger } from './ledger.ts'
import {
  agreementsOf, keyOf, membershipAt, membershipHistory, membersOf, standingAt, standingHistory, suspensionAt, termsOf, type Member, type Standing, type Stretch,
} from './record.ts'

/* What the list of trusted entities, the registry of trusted issuers and the authority statements have to say. */

const status = (standing: Standing): string => `urn:symbolon:service-status:${standing}`
const english = (value: string): Answer => [{ lang: 'en', value }]
const link = (uriValue: string): Answer => [{ lang: 'en', uriValue }]
const last = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000

/** The federation, by its Directory. */
export function authorityOf(chainId: number, directory: string): string {
  return `did:pkh:eip155:${chainId}:${directory}`
}

export interface Publisher {
  readonly authority: string
  /** UN/LOCODE of the city whose service it is; undefined when the chain does not know it. */
  readonly locode: string | undefined
  readonly did: string
}

/**
 * ETSI TS 119 602: the list as of a block, as it would have been issued then; of the present, all but when it was issued
 * and for which block. How a city calls itself, and where its pages are, is its own to say.
 */
export function listAnswer(ledger: Ledger, at: CountedAt, { authority, locode }: Publisher, ofPresent: boolean): AnswerObject {
  const then = (value: Answer): Answer => (ofPresent ? unknowable : value)
  const members = membersOf(ledger)
  return {
    LoTE: {
      ListAndSchemeInformation: {
        LoTEVersionIdentifier: 1, LoTESequenceNumber: then(Math.max(1, at.number)), LoTEType: 'urn:symbolon:lote-type:city-card-issuers',
        SchemeOperatorName: unknowable, SchemeOperatorAddress: unknowable, SchemeName: unknowable, SchemeInformationURI: unknowable,
        StatusDeterminationApproach: 'urn:symbolon:status-determination:federation-contracts', SchemeTypeCommunityRules: unknowable,
        SchemeTerritory: locode === undefined ? unknowable : locode.slice(0, 2), PolicyOrLegalNotice: unknowable, HistoricalInformationPeriod: 65_535,
        ListIssueDateTime: then(toTime(at.atSeconds)), NextUpdate: then(toTime(at.atSeconds + 86_400)), DistributionPoints: unknowable,
        SchemeExtensions: [{
          ExtensionURI: 'urn:symbolon:lote-extension:recognitions', Critical: false, Authority: authority,
          BlockNumber: then(at.number), BlockHash: then(at.hash), BlockTime: then(toTime(at.blockSeconds)),
          Recognitions: agreementsOf(ledger).filter(({ ended }) => ended === undefined).map(termsOf).map(({ recogniser, issuer, type, classes, until }) => ({
            Recogniser: recogniser, Issuer: issuer, CredentialType: type, BenefitClasses: classes, ValidUntil: until,
          })),
        }],
      },
      TrustedEntitiesList: members.length === 0 ? undefined : members.map((member) => toEntity(member, at.atSeconds)),
    },
  }
}

function toEntity(member: Member, second: number): AnswerObject {
  const { city: locode, name, serviceUrl, did } = member.city
  const uriOf = (text: string): string => (URL.canParse(text) ? text : `urn:symbolon:city:${locode}`)
  const url = uriOf(serviceUrl)
  const membership = (stretch: Stretch): AnswerObject => {
    const suspension = stretch.standing === 'suspended' ? suspensionAt(member, stretch.since) : undefined
    return {
      ServiceTypeIdentifier: 'urn:symbolon:service-type:federation-membership', ServiceName: english('Member of the federation'),
      ServiceDigitalIdentity: { OtherIds: [uriOf(did)] }, ServiceStatus: status(stretch.standing), StatusStartingTime: toTime(stretch.since),
      ServiceInformationExtensions: [{
        ExtensionURI: 'urn:symbolon:lote-extension:membership', Critical: false, Locode: locode, DID: did, MemberSince: member.activated && toTime(member.activated.seconds),
        SuspensionReason: suspension?.reason, SuspendedUntil: suspension && toTime(suspension.until), Block: stretch.cause?.block, Transaction: stretch.cause?.transaction,
      }],
    }
  }
  const issuance = (key: Key) => (stretch: Stretch): AnswerObject => {
    const { thumbprint, type, jwk, from, until, untrustedFrom } = keyOf(key)
    return {
      ServiceTypeIdentifier: 'urn:symbolon:service-type:city-card-issuance', ServiceName: english('Issuance of city cards'),
      ServiceDigitalIdentity: { PublicKeyValues: [{ ...jwk, kid: thumbprint }], OtherIds: [`urn:ietf:params:oauth:jwk-thumbprint:sha-256:${thumbprint}`] },
      ServiceStatus: status(stretch.standing), StatusStartingTime: toTime(stretch.since),
      ServiceInformationExtensions: [{
        ExtensionURI: 'urn:symbolon:lote-extension:accreditation', Critical: false, CredentialType: type, ValidFrom: from, ValidUntil: until,
        UntrustedFrom: untrustedFrom, Block: stretch.cause?.block, Transaction: stretch.cause?.transaction,
      }],
    }
  }
  const supply = (kind: string): Answer => [{ ServiceType: `urn:symbolon:service-type:${kind}`, uriValue: url }]
  return {
    TrustedEntityInformation: {
      TEName: english(name), TETradeName: english(`UNLOCODE-${locode}`), TEInformationURI: link(url),
      TEAddress: { TEPostalAddress: [{ lang: 'en', StreetAddress: name, Locality: name, Country: locode.slice(0, 2) }], TEElectronicAddress: link(url) },
    },
    TrustedEntityServices: [
      serviceOf(membershipHistory(member, second).map(membership), { ServiceSupplyPoints: supply('federation-membership') }),
      ...member.keys.map((key) => serviceOf(standingHistory(key, member, second).map(issuance(key)), {
        ServiceSupplyPoints: supply('city-card-issuance'), ServiceDefinitionURI: URL.canParse(keyOf(key).type) ? link(keyOf(key).type) : undefined,
      })),
    ],
  }
}

/** How it stands now, and before that, the newest first. */
function serviceOf(stretches: readonly AnswerObject[], more: AnswerObject): AnswerObject {
  const [now, ...before] = stretches.toReversed()
  return { ServiceInformation: { ...now, ...more }, ServiceHistory: before.length === 0 ? undefined : before }
}

/** An accreditation in the registry of trusted issuers, with what the proof of each of its turns says. */
export interface CountedAttribute {
  readonly id: string
  /** The oldest first; the last one holds. */
  readonly revisions: readonly { readonly issuerType: string; readonly proof: AnswerObject }[]
}

/** Cities that are or were members. */
export function issuersOf(ledger: Ledger): readonly Member[] {
  return membersOf(ledger).filter(({ activated }) => activated !== undefined)
}

export function attributesOf(member: Member, second: number, publisher: Publisher): readonly CountedAttribute[] {
  return member.keys.map((key) => {
    const { thumbprint, type } = keyOf(key)
    const id = createHash('sha256').update(JSON.stringify([publisher.authority, member.city.city, thumbprint, type, key.transaction])).digest('hex')
    const types: Partial<Record<Standing, string>> = { granted: 'TI', withdrawn: 'Revoked' }
    return { id, revisions: standingHistory(key, member, second).map((stretch) => ({ issuerType: types[stretch.standing] ?? 'Undefined', proof: proofOf(id, key, stretch, member, publisher) })) }
  })
}

function proofOf(id: string, key: Key, { standing, since, cause }: Stretch, { city }: Member, { authority, did }: Publisher): AnswerObject {
  const { thumbprint, type, jwk, from, until } = keyOf(key)
  const name = `urn:symbolon:accreditation:${id}:${since}:${standing}`
  return {
    iss: did, sub: city.did, jti: name, iat: since, nbf: Number(key.args['validFrom']), exp: Math.min(Number(key.args['validUntil']), last),
    vc: {
      '@context': ['https://www.w3.org/2018/credentials/v1'], id: name, issuer: did,
      type: ['VerifiableCredential', 'VerifiableAttestation', 'VerifiableAccreditation', 'VerifiableAccreditationToAttest'],
      issuanceDate: toTime(since), issued: toTime(since), validFrom: from, validUntil: until, expirationDate: until,
      credentialSubject: {
        id: city.did, reservedAttributeId: id, publicKeyJwk: { ...jwk, kid: thumbprint }, standing,
        accreditedFor: [{ schemaId: type, types: [type], limitJurisdiction: `urn:symbolon:city:${city.city}` }],
        evidence: cause && { block: cause.block, transaction: cause.transaction },
      },
      termsOfUse: { id: authority, type: 'VerifiableAccreditation' },
    },
  }
}

/** A question of TRQP, and what has to be answered. */
export interface Statement {
  readonly kind: 'authorization' | 'recognition'
  readonly query: Readonly<Record<'entity_id' | 'authority_id' | 'action' | 'resource', string>>
  readonly granted: boolean
}

/**
 * What can be asked of who may issue what: of each key by the federation and its own city, of each city by the federation,
 * by those who ever recognised it, and by the next city, which may never have.
 */
export function statementsOf(ledger: Ledger, second: number, authority: string): readonly Statement[] {
  const members = membersOf(ledger)
  const agreements = agreementsOf(ledger).map((agreement) => ({ ...termsOf(agreement), from: agreement.seconds, lapses: agreement.args['validUntil'] as bigint, ended: agreement.ended?.seconds }))
  const isActive = (member: Member): boolean => membershipAt(member, second) === 'granted'
  const isGranted = (member: Member, type: string, thumbprint?: string): boolean => isActive(member) && member.keys.some((key) =>
    keyOf(key).type === type && (thumbprint ?? keyOf(key).thumbprint) === keyOf(key).thumbprint && standingAt(key, member, second) === 'granted')
  const recognises = (by: Member, of: Member, type: string): boolean => isActive(by) && agreements.some((one) =>
    one.recogniser === by.city.city && one.issuer === of.city.city && one.type === type &&
    one.from <= second && BigInt(second) <= one.lapses && (one.ended === undefined || second < one.ended))
  const found: Statement[] = []
  for (const [i, member] of members.entries()) {
    const { did, city } = member.city
    const types = [...new Set(member.keys.map((key) => keyOf(key).type))].filter((type) => type !== '' && type.length <= 1_000)
    for (const type of types) {
      const ask = (kind: Statement['kind'], entity: string, by: string, granted: boolean): void => {
        found.push({ kind, query: { entity_id: entity, authority_id: by, action: 'issue', resource: type }, granted })
      }
      for (const thumbprint of new Set(member.keys.filter((key) => keyOf(key).type === type).map((key) => keyOf(key).thumbprint))) {
        for (const by of [authority, did]) ask('authorization', `${did}#${thumbprint}`, by, isGranted(member, type, thumbprint))
      }
      for (const kind of ['authorization', 'recognition'] as const) {
        ask(kind, did, authority, isGranted(member, type))
        ask(kind, did, did, kind === 'authorization' && isGranted(member, type))
        const next = members[(i + 1) % members.length]
        const others = members.filter((other) => other !== member && (other === next || agreements.some((one) => one.recogniser === other.city.city && one.issuer === city)))
        for (const other of others) ask(kind, did, other.city.did, isGranted(member, type) && recognises(other, member, type))
      }
    }
  }
  // A DID that another city had before names the first of them.
  const names = members.map((member) => member.city.did)
  const isOne = (id: string): boolean => id === authority || names.filter((did) => did === id.split('#')[0]).length === 1
  return found.filter(({ query }) => isOne(query.entity_id) && isOne(query.authority_id))
}
