import type { JWK } from 'jose'
import type { VerifiedRequest } from './authorization-request.ts'
import { ProtocolError } from './errors.ts'
import { type Fetch, formBody, requestJson } from './http.ts'
import { decryptResponse, encryptResponse } from './response-encryption.ts'
import { directPostAnswerSchema, vpTokenSchema } from './vp-wire.ts'
import { parseWebUrl } from './web-url.ts'

/** Presentations by the id of the credential query they answer. */
export type VpToken = Readonly<Record<string, readonly string[]>>

/** Errors a wallet may answer with (OpenID4VP 1.0 §8.5). */
export type AuthorizationErrorCode =
  'access_denied' | 'invalid_request' | 'invalid_client' | 'vp_formats_not_supported' | 'wallet_unavailable'

/**
 * Sends presentations to the verifier, encrypted when it asked for `direct_post.jwt`.
 * @returns where to go next on the same device, when the verifier says so
 * @throws ProtocolError ERR_UNSUPPORTED, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED, ERR_RESPONSE_INVALID
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.2
 */
export const postPresentation = async (request: VerifiedRequest, vpToken: VpToken, fetch: Fetch): Promise<{ redirectUri?: string }> => {
  const state = request.state === undefined ? {} : { state: request.state }
  const form = request.responseMode === 'direct_post.jwt'
    ? { response: await encryptResponse({ vp_token: vpToken, ...state }, request.clientMetadata) }
    : { vp_token: JSON.stringify(vpToken), ...state }
  return await post(request, form, fetch)
}

/** Tells the verifier that nothing will be shown. An error holds nothing of the holder, so it goes as it is. */
export const postRefusal = async (
  request: VerifiedRequest, error: AuthorizationErrorCode, fetch: Fetch
): Promise<{ redirectUri?: string }> =>
  await post(request, { error, ...(request.state !== undefined && { state: request.state }) }, fetch)

const post = async (request: VerifiedRequest, form: Record<string, string>, fetch: Fetch): Promise<{ redirectUri?: string }> => {
  const { success, data } = directPostAnswerSchema.safeParse(
    await requestJson(fetch, request.responseUri, formBody(form), { emptyAllowed: true }))
  if (!success) throw new ProtocolError('ERR_RESPONSE_INVALID', 'the answer of the verifier cannot be read')
  return data.redirect_uri === undefined ? {} : { redirectUri: withFragment(data.redirect_uri) }
}

/** A redirect may carry a fragment, unlike the URLs that are fetched. */
const withFragment = (text: string): string => {
  const [address = '', ...fragment] = text.split('#')
  return parseWebUrl(address).href + (fragment.length > 0 ? `#${fragment.join('#')}` : '')
}

export interface ResponseExpectation {
  readonly responseMode: 'direct_post' | 'direct_post.jwt'
  readonly state: string
  readonly queryIds: readonly string[]
  /** For `direct_post.jwt`. */
  readonly decryption?: { readonly kid: string, readonly privateJwk: JWK }
}

export type AuthorizationResponse =
  | { readonly kind: 'presented', readonly vpToken: VpToken }
  | { readonly kind: 'refused', readonly error: string }

/**
 * Reads a posted response: decrypts it, compares the state, and sorts presentations by query. Presentations are not
 * verified here.
 * @throws ProtocolError ERR_RESPONSE_ENCRYPTION, ERR_RESPONSE_INVALID, ERR_RESPONSE_MISMATCH
 */
export const parseAuthorizationResponse = async (
  form: Readonly<Record<string, unknown>>, expected: ResponseExpectation
): Promise<AuthorizationResponse> => {
  const encrypted = form['response']
  if (encrypted !== undefined && (typeof encrypted !== 'string' || expected.decryption === undefined)) {
    throw new ProtocolError('ERR_RESPONSE_MISMATCH', 'no encrypted response was asked for')
  }
  const content = typeof encrypted === 'string' && expected.decryption !== undefined
    ? await decryptResponse(encrypted, expected.decryption.privateJwk, expected.decryption.kid) : form
  if (content['state'] !== expected.state) throw new ProtocolError('ERR_RESPONSE_MISMATCH', 'the state is not that of the request')
  if (typeof content['error'] === 'string') return { kind: 'refused', error: content['error'] }
  if (encrypted === undefined && expected.responseMode === 'direct_post.jwt') {
    throw new ProtocolError('ERR_RESPONSE_MISMATCH', 'the response is not encrypted')
  }
  return { kind: 'presented', vpToken: readVpToken(content['vp_token'], expected.queryIds) }
}

const readVpToken = (value: unknown, queryIds: readonly string[]): VpToken => {
  const { success, data } = vpTokenSchema.safeParse(typeof value === 'string' ? parseJson(value) : value)
  const entries = Object.entries(data ?? {})
  const readable = success && entries.length > 0 && entries.every(([id, list]) =>
    queryIds.includes(id) && list.length === 1 && typeof list[0] === 'string')
  if (!readable) throw new ProtocolError('ERR_RESPONSE_INVALID', 'the vp_token does not hold one presentation for each query it answers')
  return Object.fromEntries(entries) as VpToken
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
