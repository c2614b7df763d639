import * as z from 'zod/mini'

/*
 * OpenID4VP 1.0 on the wire. Members not named here may come and are ignored.
 * https://openid.net/specs/openid-4-verifiable-presentations-1_0.html
 */

const text = z.string().check(z.minLength(1))
const identifier = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/))

/** §7: a step into a claim; null stands for all elements of an array. */
export const claimsPathSchema = z.array(z.union([z.string(), z.int().check(z.nonnegative()), z.null()])).check(z.minLength(1))

/** §6 */
export const dcqlQuerySchema = z.object({
  credentials: z.array(z.object({
    id: identifier,
    format: text,
    multiple: z.optional(z.boolean()),
    meta: z.optional(z.looseObject({
      vct_values: z.optional(z.array(text).check(z.minLength(1))),
      type_values: z.optional(z.array(z.array(text).check(z.minLength(1))).check(z.minLength(1)))
    })),
    trusted_authorities: z.optional(z.array(z.object({ type: text, values: z.array(text).check(z.minLength(1)) })).check(z.minLength(1))),
    require_cryptographic_holder_binding: z.optional(z.boolean()),
    claims: z.optional(z.array(z.object({
      id: z.optional(identifier),
      path: claimsPathSchema,
      values: z.optional(z.array(z.union([z.string(), z.int(), z.boolean()])).check(z.minLength(1)))
    })).check(z.minLength(1))),
    claim_sets: z.optional(z.array(z.array(identifier).check(z.minLength(1))).check(z.minLength(1)))
  })).check(z.minLength(1)),
  credential_sets: z.optional(z.array(z.object({
    options: z.array(z.array(identifier).check(z.minLength(1))).check(z.minLength(1)),
    required: z.optional(z.boolean())
  })).check(z.minLength(1)))
})
export type DcqlQuery = z.infer<typeof dcqlQuerySchema>
export type DcqlCredentialQuery = DcqlQuery['credentials'][number]

const jwkSchema = z.looseObject({
  kty: text, alg: z.optional(z.string()), use: z.optional(z.string()), kid: z.optional(z.string()), crv: z.optional(z.string()),
  x: z.optional(z.string()), y: z.optional(z.string())
})

/** §5.1 */
export const clientMetadataSchema = z.looseObject({
  jwks: z.optional(z.object({ keys: z.array(jwkSchema) })),
  encrypted_response_enc_values_supported: z.optional(z.array(text).check(z.minLength(1))),
  vp_formats_supported: z.optional(z.record(z.string(), z.unknown())),
  client_name: z.optional(z.string())
})

/** §5: what a request object may say. */
export const requestObjectSchema = z.looseObject({
  client_id: text,
  response_type: text,
  response_mode: z.optional(text),
  response_uri: z.optional(text),
  redirect_uri: z.optional(text),
  nonce: z.string().check(z.regex(/^[\x21-\x7e]+$/)),
  state: z.optional(z.string().check(z.regex(/^[\x21-\x7e]+$/))),
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  dcql_query: z.optional(dcqlQuerySchema),
  scope: z.optional(text),
  client_metadata: z.optional(clientMetadataSchema),
  wallet_nonce: z.optional(text),
  transaction_data: z.optional(z.array(text)),
  verifier_info: z.optional(z.array(z.looseObject({ format: text, data: z.unknown() }))),
  iat: z.optional(z.number()),
  exp: z.optional(z.number())
})

/** §8.1: presentations by the id of the credential query. */
export const vpTokenSchema = z.record(z.string(), z.array(z.union([text, z.looseObject({})])).check(z.minLength(1)))

/** §8.2: the answer to a posted response. */
export const directPostAnswerSchema = z.object({ redirect_uri: z.optional(text) })
