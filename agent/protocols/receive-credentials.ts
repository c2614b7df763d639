import type { EcPublicJwk, JwsSigner } from '../formats/crypto-suite.ts'
import type { CredentialOffer } from './credential-offer.ts'
import { ProtocolError } from './errors.ts'
import { fetchIssuerMetadata, type IssuerMetadata } from './fetch-issuer-metadata.ts'
import { type Fetch, formBody, requestJson } from './http.ts'
import { createKeyProof } from './key-proof.ts'
import {
  credentialResponseSchema, nonceResponseSchema, type NotificationEvent, PRE_AUTHORIZED_GRANT, tokenResponseSchema
} from './vci-wire.ts'

/** A key of the holder for one copy of a card. */
export interface HolderKey {
  readonly publicJwk: EcPublicJwk
  readonly sign: JwsSigner
}

/**
 * What a wallet has once the issuer accepted its code. Plain data: keep it until the cards are stored, so that after an
 * interruption {@link requestCredentials} can be called again with the same keys.
 */
export interface IssuanceSession {
  readonly metadata: IssuerMetadata
  readonly configurationIds: readonly string[]
  readonly accessToken: string
  /** Credential identifiers by configuration, where the issuer wants those. */
  readonly credentialIdentifiers: Readonly<Record<string, readonly string[]>>
  /** Seconds since 1970. */
  readonly expiresAtSeconds?: number
}

export interface IssuedCredentials {
  readonly configurationId: string
  readonly format: string
  /** One for each key, in the order of the keys. */
  readonly credentials: readonly string[]
  readonly notificationId?: string
}

/**
 * Exchanges the pre-authorized code and the transaction code the holder typed for an access token.
 * @throws ProtocolError ERR_UNSUPPORTED, ERR_REMOTE_REFUSED with oauthError `invalid_grant` (wrong or used codes) or
 * `invalid_request` (transaction code missing or not expected), and what {@link fetchIssuerMetadata} throws
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-6
 */
export const beginIssuance = async (
  { offer, txCode, fetch, nowSeconds }:
  { offer: CredentialOffer, txCode?: string | undefined, fetch: Fetch, nowSeconds: number }
): Promise<IssuanceSession> => {
  if (offer.preAuthorizedCode === undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'the offer has no pre-authorized code')
  const metadata = await fetchIssuerMetadata(offer, fetch)
  const json = await requestJson(fetch, metadata.tokenEndpoint, formBody({
    grant_type: PRE_AUTHORIZED_GRANT,
    'pre-authorized_code': offer.preAuthorizedCode,
    ...(txCode !== undefined && { tx_code: txCode })
  }))
  const { success, data } = tokenResponseSchema.safeParse(json)
  if (!success || data.token_type.toLowerCase() !== 'bearer') {
    throw new ProtocolError('ERR_RESPONSE_INVALID', 'the token response is not a bearer token')
  }
  const details = (data.authorization_details ?? []).flatMap(({ type, credential_configuration_id: id, credential_identifiers: list }) =>
    type === 'openid_credential' && id !== undefined && list !== undefined ? [[id, list] as const] : [])
  return {
    metadata,
    configurationIds: offer.credentialConfigurationIds.filter((id) => metadata.configurations[id] !== undefined),
    accessToken: data.access_token,
    credentialIdentifiers: Object.fromEntries(details),
    ...(data.expires_in !== undefined && { expiresAtSeconds: nowSeconds + data.expires_in })
  }
}

/**
 * Asks for one copy for each key. Safe to repeat with the same session and keys. A nonce that went stale is renewed once.
 * @throws ProtocolError ERR_UNSUPPORTED, ERR_RESPONSE_INVALID, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED with oauthError as in §8.3.1
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-8
 */
export const requestCredentials = async (
  { session, configurationId, keys, fetch, nowSeconds }:
  { session: IssuanceSession, configurationId: string, keys: readonly HolderKey[], fetch: Fetch, nowSeconds: number }
): Promise<IssuedCredentials> => {
  const configuration = session.metadata.configurations[configurationId]
  if (configuration === undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'the issuer has no such credential configuration')
  const { proofAlgorithms } = configuration
  if (proofAlgorithms !== undefined && !proofAlgorithms.includes('ES256')) {
    throw new ProtocolError('ERR_UNSUPPORTED', 'the issuer does not accept ES256 key proofs')
  }
  if (keys.length > session.metadata.batchSize) throw new ProtocolError('ERR_UNSUPPORTED', 'more keys than the issuer takes in one batch')
  const ask = async () => {
    const nonce = await fetchNonce(session.metadata, fetch)
    const proofs = await Promise.all(keys.map(({ publicJwk, sign }) => createKeyProof({
      audience: session.metadata.credentialIssuer, publicJwk, sign, issuedAtSeconds: nowSeconds, ...(nonce !== undefined && { nonce })
    })))
    const identifier = session.credentialIdentifiers[configurationId]?.[0]
    return await requestJson(fetch, session.metadata.credentialEndpoint, jsonBody(session.accessToken, {
      ...(identifier === undefined ? { credential_configuration_id: configurationId } : { credential_identifier: identifier }),
      proofs: { jwt: proofs }
    }))
  }
  const json = await ask().catch((error: unknown) => {
    if (error instanceof ProtocolError && error.oauthError === 'invalid_nonce') return ask()
    throw error
  })
  const { success, data } = credentialResponseSchema.safeParse(json)
  if (success && data.transaction_id !== undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'the issuer defers the credential')
  const credentials = data?.credentials?.map(({ credential }) => credential) ?? []
  if (!success || credentials.length !== keys.length || !credentials.every((credential) => typeof credential === 'string')) {
    throw new ProtocolError('ERR_RESPONSE_INVALID', 'the credential response does not hold one credential for each key')
  }
  return {
    configurationId, format: configuration.format, credentials,
    ...(data.notification_id !== undefined && { notificationId: data.notification_id })
  }
}

/**
 * Tells the issuer what became of the cards.
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-11
 */
export const sendNotification = async (
  { session, notificationId, event, fetch }:
  { session: IssuanceSession, notificationId: string, event: NotificationEvent, fetch: Fetch }
): Promise<void> => {
  if (session.metadata.notificationEndpoint === undefined) return
  await requestJson(fetch, session.metadata.notificationEndpoint,
    jsonBody(session.accessToken, { notification_id: notificationId, event }), { emptyAllowed: true })
}

const fetchNonce = async (metadata: IssuerMetadata, fetch: Fetch): Promise<string | undefined> => {
  if (metadata.nonceEndpoint === undefined) return undefined
  const { success, data } = nonceResponseSchema.safeParse(await requestJson(fetch, metadata.nonceEndpoint, { method: 'POST' }))
  if (!success) throw new ProtocolError('ERR_RESPONSE_INVALID', 'the nonce response has no c_nonce')
  return data.c_nonce
}

const jsonBody = (accessToken: string, body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
  body: JSON.stringify(body)
})
