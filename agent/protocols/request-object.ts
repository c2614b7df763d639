import type { JwsSigner } from '../formats/crypto-suite.ts'
import { signCompactJwt } from './compact-jwt.ts'
import type { ResponseEncryptionJwk } from './response-encryption.ts'
import type { DcqlQuery } from './vp-wire.ts'

export const REQUEST_OBJECT_TYP = 'oauth-authz-req+jwt'
/** The audience when verifier and wallet have not met before (OpenID4VP 1.0 §5.8). */
export const STATIC_AUDIENCE = 'https://self-issued.me/v2'

export type ResponseMode = 'direct_post' | 'direct_post.jwt'

export interface PresentationRequest {
  readonly clientId: string
  readonly responseUri: string
  readonly responseMode: ResponseMode
  readonly nonce: string
  readonly state: string
  readonly dcqlQuery: DcqlQuery
  readonly clientName: string
  /** For `direct_post.jwt`. */
  readonly encryptionJwk?: ResponseEncryptionJwk
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
  /** Why the verifier asks, in plain words for the holder. */
  readonly purpose?: string
}

/**
 * Signs a request object. `walletNonce` is what the wallet sent along when it fetched the request by POST.
 * @param signer leaf certificate first, base64 DER as in `x5c`
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5
 */
export const createRequestObject = (
  request: PresentationRequest, signer: { readonly x5c: readonly string[], readonly sign: JwsSigner }, walletNonce?: string
): Promise<string> => signCompactJwt({ alg: 'ES256', typ: REQUEST_OBJECT_TYP, x5c: [...signer.x5c] }, {
  iss: request.clientId,
  aud: STATIC_AUDIENCE,
  client_id: request.clientId,
  response_type: 'vp_token',
  response_mode: request.responseMode,
  response_uri: request.responseUri,
  nonce: request.nonce,
  state: request.state,
  dcql_query: request.dcqlQuery,
  client_metadata: {
    client_name: request.clientName,
    vp_formats_supported: {
      'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
      jwt_vc_json: { alg_values: ['ES256'] }
    },
    ...(request.encryptionJwk !== undefined && {
      jwks: { keys: [request.encryptionJwk] },
      encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM']
    })
  },
  ...(request.purpose !== undefined && { purpose: request.purpose }),
  ...(walletNonce !== undefined && { wallet_nonce: walletNonce }),
  iat: request.issuedAtSeconds,
  exp: request.expiresAtSeconds
}, signer.sign)

/** The link (or QR code) that hands a request to any wallet. */
export const createRequestLink = (clientId: string, requestUri: string): string =>
  `openid4vp://?${new URLSearchParams({ client_id: clientId, request_uri: requestUri, request_uri_method: 'post' })}`
