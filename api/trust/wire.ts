import { z } from 'zod'

const time = z.iso.datetime()

/** A block number of the past, or a time: the last block at or before it. Not both. */
export const momentQuery = z.object({
  block: z.string().regex(/^\d{1,15}$/, 'a block number').optional().meta({ description: 'As of this block' }),
  time: z.iso.datetime({ offset: true }).optional().meta({ description: 'As of the last block at or before this time' }),
})

const blockSchema = z.object({ number: z.int(), hash: z.string(), time })
const placeSchema = z.object({ block: z.int(), transaction: z.string(), time }).meta({ id: 'ChainPlace' })
const cityStatus = z.enum(['pending', 'active', 'suspended', 'removed'])
const standing = z.enum(['pending', 'granted', 'suspended', 'withdrawn', 'expired'])

/** `GET /v1/trust` */
export const trustSchema = z.object({
  block: blockSchema.nullable(),
  as_of: time.optional().meta({ description: 'The time for which it is said who is suspended' }),
  authority: z.string().optional().meta({ description: 'Names the federation' }),
  cities: z.array(z.object({
    locode: z.string(), name: z.string(), did: z.string(), service_url: z.string(), status: cityStatus,
    suspension_reason: z.int().optional(), suspended_until: time.optional(), member_since: time.optional(),
  })),
  issuers: z.array(z.object({
    city: z.string(), thumbprint: z.string(), credential_type: z.string(), standing, valid_from: time, valid_until: time, untrusted_from: time.optional(),
  })),
  recognitions: z.array(z.object({
    recogniser: z.string(), issuer: z.string(), credential_type: z.string(), benefit_classes: z.array(z.int()), valid_until: time,
  })),
  programs: z.array(z.object({
    program_id: z.string(), name: z.string(), city: z.string(), from: time, until: time,
    funded: z.int(), redeemed: z.int(), burnt: z.int(), outstanding: z.int(), closed: z.boolean(),
  })),
  status_lists: z.array(z.object({ city: z.string(), uri: z.string(), size: z.int(), epoch: z.int(), digest: z.string(), updated_at: time })),
}).meta({ id: 'Trust' })

const decisionSchema = z.object({
  proposal_id: z.string(),
  proposer: z.string().optional(),
  description: z.string(),
  votes: z.array(z.object({ city: z.string(), support: z.enum(['against', 'for', 'abstain']), reason: z.string().optional(), ...placeSchema.shape })),
}).meta({ id: 'Decision' })

/** Absent when no vote was needed: the founding cities were there first. */
const decision = decisionSchema.optional()
const decidedSchema = z.object({ ...placeSchema.shape, decision })

export const locodeParams = z.object({ locode: z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/) })

/** `GET /v1/trust/cities/:locode` */
export const cityStorySchema = z.object({
  block: blockSchema,
  as_of: time,
  locode: z.string(), name: z.string(), did: z.string(), service_url: z.string(), status: cityStatus,
  member_since: time.optional(),
  admitted: decidedSchema,
  activated: z.object({ ...decidedSchema.shape, agreement_hash: z.string(), dpia_hash: z.string() }).optional(),
  removed: decidedSchema.optional(),
  suspensions: z.array(z.object({
    reason: z.int(), until: time, suspended: decidedSchema, reinstated: decidedSchema.optional(),
    appealed: z.object({ ...placeSchema.shape, statement_hash: z.string() }).optional(),
  })),
  controllers: z.array(z.object({ account: z.string(), since: placeSchema })),
  keys: z.array(z.object({
    thumbprint: z.string(), credential_type: z.string(), standing,
    public_key: z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() }),
    counts_since: time.optional().meta({ description: 'The first second of which a signature of this key was trusted' }),
    valid_from: time, valid_until: time, untrusted_from: time.optional(),
    accredited: placeSchema,
    withdrawals: z.array(z.object({ ...placeSchema.shape, untrusted_from: time })),
    history: z.array(z.object({ standing, since: time, block: z.int().optional(), transaction: z.string().optional() })),
  })),
  recognitions: z.array(z.object({
    recogniser: z.string(), issuer: z.string(), credential_type: z.string(), benefit_classes: z.array(z.int()), valid_until: time,
    granted: placeSchema, ended: placeSchema.optional(),
  })),
}).meta({ id: 'CityStory' })

/* The registry of trusted issuers, as https://hub.ebsi.eu/apis/pilot/trusted-issuers-registry/v5 and /v4 have it. */

const page = {
  'page[after]': z.string().regex(/^[1-9]\d{0,6}$/, 'a page number').optional().meta({ description: 'The page, from 1' }),
  'page[size]': z.string().regex(/^(?:[1-9]|[1-4]\d|50)$/, '1 to 50').optional().meta({ description: 'Items of a page, at most 50' }),
}
const moment = momentQuery.shape
export const issuersQuery = z.object({ ...page, ...moment })
export const issuerQuery = z.object({ version: z.enum(['latest', 'deprecated']).optional(), ...moment })
export const revisionsQuery = z.object({ version: z.enum(['latest', 'deprecated']).optional(), ...page, ...moment })

const did = z.string().max(500)
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
export const issuerParams = z.object({ did })
export const attributeParams = z.object({ did, attribute_id: sha256Hex })
export const revisionParams = z.object({ did, attribute_id: sha256Hex, revision_id: sha256Hex })

const paged = <Item extends z.ZodType>(item: Item) => z.object({
  self: z.string(), items: z.array(item), total: z.int(), pageSize: z.int(),
  links: z.object({ first: z.string(), prev: z.string(), next: z.string(), last: z.string() }),
})
const attributeSchema = z.object({
  hash: sha256Hex.meta({ description: 'SHA-256 of the body' }),
  body: z.string().meta({ description: 'The proof: a verifiable accreditation as JWT' }),
  issuerType: z.enum(['RootTAO', 'TAO', 'TI', 'Revoked', 'Undefined']),
  tao: z.string(),
  rootTao: z.string(),
}).meta({ id: 'IssuerAttribute' })
const idLink = z.object({ id: sha256Hex, href: z.string() })

export const issuersSchema = paged(z.object({ did: z.string(), href: z.string() }))
export const issuerSchema = z.union([
  z.object({ did: z.string(), attributes: z.string(), hasAttributes: z.boolean() }),
  z.object({ did: z.string(), attributes: z.array(attributeSchema) }),
])
export const attributesSchema = paged(idLink)
export const revisionsSchema = z.union([paged(idLink), paged(attributeSchema)])
export const oneAttributeSchema = z.object({ did: z.string(), attribute: attributeSchema })
export const proxiesSchema = paged(z.object({ proxyId: z.string(), href: z.string() }))

/* ToIP TRQP v2.0. */

const identifier = z.string().min(1).max(1_000)
const contextSchema = z.object({
  time: z.iso.datetime().optional().meta({ description: 'As of which the statement holds. RFC 3339, with Z.' }),
  block: z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'By what the chain said up to this block; a member of this registry\'s own' }),
}).catchall(z.string())

export const authorityQuerySchema = z.object({
  entity_id: identifier, authority_id: identifier, action: identifier, resource: identifier, context: contextSchema.optional(),
}).meta({ id: 'AuthorityQuery' })

const answered = {
  entity_id: z.string(), authority_id: z.string(), action: z.string(), resource: z.string(),
  time_requested: time.optional(), time_evaluated: time, message: z.string(), context: contextSchema.optional(),
}
export const authorizationSchema = z.object({ ...answered, authorized: z.boolean() }).meta({ id: 'AuthorizationResponse' })
export const recognitionSchema = z.object({ ...answered, recognized: z.boolean() }).meta({ id: 'RecognitionResponse' })
