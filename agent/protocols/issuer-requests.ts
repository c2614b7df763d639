import { ProtocolError } from './errors.ts'
import {
  credentialRequestSchema, type NotificationEvent, notificationRequestSchema, PRE_AUTHORIZED_GRANT
} from './vci-wire.ts'

export interface TokenRequest {
  readonly preAuthorizedCode: string
  readonly txCode?: string
}

/**
 * Reads a token request's form.
 * @throws ProtocolError ERR_TOKEN_REQUEST with oauthError `invalid_request` or `unsupported_grant_type`
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-6.1
 */
export const parseTokenRequest = (form: Readonly<Record<string, unknown>>): TokenRequest => {
  const { grant_type: grantType, 'pre-authorized_code': code, tx_code: txCode } = form
  if (typeof grantType !== 'string') throw tokenError('invalid_request', 'There must be one grant_type.')
  if (grantType !== PRE_AUTHORIZED_GRANT) throw tokenError('unsupported_grant_type', 'Only pre-authorized codes are accepted.')
  if (typeof code !== 'string' || code === '') throw tokenError('invalid_request', 'There must be one pre-authorized_code.')
  if (txCode !== undefined && typeof txCode !== 'string') throw tokenError('invalid_request', 'There may be one tx_code.')
  return { preAuthorizedCode: code, ...(txCode !== undefined && txCode !== '' && { txCode }) }
}

const tokenError = (oauthError: string, message: string): ProtocolError =>
  new ProtocolError('ERR_TOKEN_REQUEST', message, { oauthError })

export interface CredentialRequest {
  readonly configurationId: string
  /** Compact JWTs, at least one. */
  readonly proofs: readonly string[]
}

/**
 * Reads a credential request.
 * @throws ProtocolError ERR_CREDENTIAL_REQUEST with oauthError as in §8.3.1.2
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-8.2
 */
export const parseCredentialRequest = (
  body: unknown, { configurationIds, batchSize }: { configurationIds: readonly string[], batchSize: number }
): CredentialRequest => {
  const { success, data } = credentialRequestSchema.safeParse(body)
  if (!success) throw credentialError('invalid_credential_request', 'The request is not of the form OpenID4VCI 1.0 gives it.')
  const { credential_configuration_id: configurationId, credential_identifier: identifier, proofs } = data
  if (configurationId !== undefined && identifier !== undefined) {
    throw credentialError('invalid_credential_request', 'There may be a credential_configuration_id or a credential_identifier, not both.')
  }
  if (identifier !== undefined) throw credentialError('unknown_credential_identifier', 'No credential identifier was given out.')
  if (configurationId === undefined) throw credentialError('invalid_credential_request', 'There must be a credential_configuration_id.')
  if (!configurationIds.includes(configurationId)) {
    throw credentialError('unknown_credential_configuration', 'There is no such credential configuration.')
  }
  if (data.credential_response_encryption !== undefined) {
    throw credentialError('invalid_encryption_parameters', 'Credential responses are not encrypted here.')
  }
  const kinds = Object.keys(proofs ?? {})
  const jwts = proofs?.['jwt'] ?? []
  if (kinds.length !== 1 || jwts.length === 0) throw credentialError('invalid_proof', 'There must be proofs of the one kind jwt.')
  if (jwts.length > batchSize) throw credentialError('invalid_credential_request', 'There are more proofs than the batch size.')
  if (!jwts.every((jwt) => typeof jwt === 'string')) throw credentialError('invalid_proof', 'A proof is not a string.')
  return { configurationId, proofs: jwts }
}

const credentialError = (oauthError: string, message: string): ProtocolError =>
  new ProtocolError('ERR_CREDENTIAL_REQUEST', message, { oauthError })

/** The answer of the credential endpoint (§8.3). */
export const createCredentialResponse = (credentials: readonly string[], notificationId: string): Record<string, unknown> => ({
  credentials: credentials.map((credential) => ({ credential })),
  notification_id: notificationId
})

/**
 * Reads a notification.
 * @throws ProtocolError ERR_NOTIFICATION_REQUEST with oauthError `invalid_notification_request`
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-11.1
 */
export const parseNotification = (body: unknown): { notificationId: string, event: NotificationEvent } => {
  const { success, data } = notificationRequestSchema.safeParse(body)
  if (!success) {
    throw new ProtocolError('ERR_NOTIFICATION_REQUEST', 'The notification is not of the form OpenID4VCI 1.0 gives it.',
      { oauthError: 'invalid_notification_request' })
  }
  return { notificationId: data.notification_id, event: data.event }
}
