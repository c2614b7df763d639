import * as z from 'zod/mini'

/*
 * OpenID4VCI 1.0 on the wire. Members not named here may come and are ignored, as the specification says.
 * https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html
 */

const text = z.string().check(z.minLength(1))

export const PRE_AUTHORIZED_GRANT = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** §4.1.1 */
export const credentialOfferSchema = z.object({
  credential_issuer: text,
  credential_configuration_ids: z.array(text).check(z.minLength(1)),
  grants: z.optional(z.object({
    [PRE_AUTHORIZED_GRANT]: z.optional(z.object({
      'pre-authorized_code': text,
      tx_code: z.optional(z.object({
        input_mode: z.optional(z.enum(['numeric', 'text'])),
        length: z.optional(z.int().check(z.positive())),
        description: z.optional(z.string().check(z.maxLength(300)))
      })),
      authorization_server: z.optional(text)
    }))
  }))
})

/** §12.2.4: what a wallet needs of it. */
export const issuerMetadataSchema = z.object({
  credential_issuer: text,
  credential_endpoint: text,
  authorization_servers: z.optional(z.array(text).check(z.minLength(1))),
  nonce_endpoint: z.optional(text),
  notification_endpoint: z.optional(text),
  batch_credential_issuance: z.optional(z.object({ batch_size: z.int().check(z.minimum(2)) })),
  display: z.optional(z.array(z.object({ name: z.optional(z.string()), locale: z.optional(z.string()) }))),
  credential_configurations_supported: z.record(z.string(), z.object({
    format: text,
    vct: z.optional(text),
    credential_definition: z.optional(z.object({ type: z.optional(z.array(z.string())) })),
    cryptographic_binding_methods_supported: z.optional(z.array(z.string())),
    proof_types_supported: z.optional(z.record(z.string(), z.object({ proof_signing_alg_values_supported: z.array(z.string()) }))),
    credential_metadata: z.optional(z.object({
      display: z.optional(z.array(z.object({ name: z.optional(z.string()), locale: z.optional(z.string()) })))
    }))
  }))
})

/** RFC 8414 §2 */
export const authorizationServerSchema = z.object({ issuer: text, token_endpoint: text })

/** §6.2 */
export const tokenResponseSchema = z.object({
  access_token: text,
  token_type: text,
  expires_in: z.optional(z.number().check(z.nonnegative())),
  authorization_details: z.optional(z.array(z.object({
    type: z.string(),
    credential_configuration_id: z.optional(z.string()),
    credential_identifiers: z.optional(z.array(text))
  })))
})

/** §7.2 */
export const nonceResponseSchema = z.object({ c_nonce: text })

/** §8.2 */
export const credentialRequestSchema = z.object({
  credential_configuration_id: z.optional(text),
  credential_identifier: z.optional(text),
  proofs: z.optional(z.record(z.string(), z.array(z.unknown()).check(z.minLength(1)))),
  credential_response_encryption: z.optional(z.unknown())
})

/** §8.3 */
export const credentialResponseSchema = z.object({
  credentials: z.optional(z.array(z.object({ credential: z.union([text, z.looseObject({})]) })).check(z.minLength(1))),
  notification_id: z.optional(text),
  transaction_id: z.optional(text)
})

export const NOTIFICATION_EVENTS = ['credential_accepted', 'credential_failure', 'credential_deleted'] as const
export type NotificationEvent = (typeof NOTIFICATION_EVENTS)[number]

/** §11.1 */
export const notificationRequestSchema = z.object({
  notification_id: text,
  event: z.enum(NOTIFICATION_EVENTS),
  event_description: z.optional(z.string())
})
