import { encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite } from '../formats/crypto-suite.ts'
import { identifyVerifier, type VerifierIdentity, type VerifierKeyResolver } from './client-id.ts'
import { hasTyp, parseCompactJwt } from './compact-jwt.ts'
import { parseDcqlQuery } from './dcql.ts'
import { ProtocolError } from './errors.ts'
import { type Fetch, formBody, requestText } from './http.ts'
import { REQUEST_OBJECT_TYP, type ResponseMode, STATIC_AUDIENCE } from './request-object.ts'
import { type clientMetadataSchema, type DcqlQuery, requestObjectSchema } from './vp-wire.ts'
import { linkParameters, parseWebUrl } from './web-url.ts'

/** What a link or QR code of a verifier holds. */
export interface RequestLink {
  readonly clientId: string
  readonly requestUri?: string
  readonly requestUriMethod: 'get' | 'post'
  /** The request object itself, when the link carries it. */
  readonly request?: string
}

/** A request whose signature, client identifier, audience and age are verified. */
export interface VerifiedRequest {
  readonly clientId: string
  readonly verifier: VerifierIdentity
  /** Where the answer goes: the one thing the wallet truly knows of the verifier is that it controls this address. */
  readonly responseUri: string
  readonly responseMode: ResponseMode
  readonly nonce: string
  readonly state?: string
  readonly dcqlQuery: DcqlQuery
  readonly clientMetadata: ReturnType<typeof clientMetadataSchema.parse>
  readonly clientName?: string
  readonly purpose?: string
}

const CLOCK_SKEW_SECONDS = 60

/**
 * Reads a request link of any scheme.
 * @throws ProtocolError ERR_REQUEST_INVALID, ERR_UNSUPPORTED for requests without a signature
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.7
 */
export const parseRequestLink = (link: string): RequestLink => {
  const parameters = linkParameters(link.trim())
  const single = (name: string): string | undefined => {
    const values = parameters?.getAll(name) ?? []
    if (values.length > 1) throw new ProtocolError('ERR_REQUEST_INVALID', `${name} stands twice in the link`)
    return values[0]
  }
  const [clientId, requestUri, request] = [single('client_id'), single('request_uri'), single('request')]
  if (clientId === undefined || clientId === '') throw new ProtocolError('ERR_REQUEST_INVALID', 'the link has no client_id')
  if (requestUri !== undefined && request !== undefined) {
    throw new ProtocolError('ERR_REQUEST_INVALID', 'the link has a request and a request_uri')
  }
  if (requestUri === undefined && request === undefined) {
    throw new ProtocolError('ERR_UNSUPPORTED', 'the request is not signed')
  }
  const method = single('request_uri_method')?.toLowerCase() ?? 'get'
  if (method !== 'get' && method !== 'post') throw new ProtocolError('ERR_REQUEST_INVALID', 'the request_uri_method is unknown')
  return {
    clientId, requestUriMethod: method,
    ...(requestUri !== undefined && { requestUri: parseWebUrl(requestUri).href }),
    ...(request !== undefined && { request })
  }
}

export interface RequestContext {
  readonly fetch: Fetch
  readonly crypto: CryptoSuite
  readonly nowSeconds: number
  readonly resolveDid?: VerifierKeyResolver
}

/**
 * Fetches the request behind a link and verifies it.
 * @throws ProtocolError what {@link parseRequestLink} and {@link verifyRequestObject} throw, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED
 */
export const fetchAuthorizationRequest = async (link: string, context: RequestContext): Promise<VerifiedRequest> => {
  const { clientId, requestUri, requestUriMethod, request } = parseRequestLink(link)
  const expect = { clientId, ...context }
  if (request !== undefined) return await verifyRequestObject(request, expect)
  const accept = { accept: `application/${REQUEST_OBJECT_TYP}` }
  if (requestUriMethod === 'get') {
    return await verifyRequestObject(await requestText(context.fetch, requestUri ?? '', { headers: accept }, [accept.accept]), expect)
  }
  const walletNonce = encodeBase64url(context.crypto.randomBytes(24))
  const body = formBody({ wallet_nonce: walletNonce, wallet_metadata: JSON.stringify(WALLET_METADATA) })
  const init = { ...body, headers: { ...accept, 'content-type': 'application/x-www-form-urlencoded' } }
  return await verifyRequestObject(await requestText(context.fetch, requestUri ?? '', init, [accept.accept]), { ...expect, walletNonce })
}

/** The same for every wallet: it tells nobody apart. */
const WALLET_METADATA = {
  vp_formats_supported: {
    'dc+sd-jwt': { 'sd-jwt_alg_values': ['ES256'], 'kb-jwt_alg_values': ['ES256'] },
    jwt_vc_json: { alg_values: ['ES256'] }
  },
  client_id_prefixes_supported: ['x509_hash', 'x509_san_dns'],
  request_object_signing_alg_values_supported: ['ES256'],
  authorization_encryption_alg_values_supported: ['ECDH-ES'],
  authorization_encryption_enc_values_supported: ['A128GCM', 'A256GCM']
}

/**
 * Verifies a request object: type, algorithm, who signed it, audience, age, wallet nonce, and that it can be answered.
 * @throws ProtocolError ERR_REQUEST_INVALID, ERR_REQUEST_SIGNATURE, ERR_REQUEST_EXPIRED, ERR_CLIENT_ID, ERR_WALLET_NONCE,
 * ERR_DCQL_INVALID, ERR_URL_NOT_ALLOWED, ERR_UNSUPPORTED
 */
export const verifyRequestObject = async (
  jwt: string,
  { clientId, walletNonce, crypto, nowSeconds, resolveDid }:
  Omit<RequestContext, 'fetch'> & { readonly clientId: string, readonly walletNonce?: string }
): Promise<VerifiedRequest> => {
  const { header, payload, signingInput, signature } = parseCompactJwt(jwt.trim())
  if (!hasTyp(header, REQUEST_OBJECT_TYP)) throw new ProtocolError('ERR_REQUEST_INVALID', 'the typ is not oauth-authz-req+jwt')
  if (header['alg'] !== 'ES256') throw new ProtocolError('ERR_UNSUPPORTED', 'the request is not signed with ES256')
  const { success, data } = requestObjectSchema.safeParse(payload)
  if (!success) throw new ProtocolError('ERR_REQUEST_INVALID', 'the request object is not of the form OpenID4VP 1.0 gives it')
  if (data.client_id !== clientId) throw new ProtocolError('ERR_CLIENT_ID', 'the link and the request object name different verifiers')
  if (data.response_type !== 'vp_token') throw new ProtocolError('ERR_UNSUPPORTED', 'only a vp_token can be given')
  if (data.transaction_data !== undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'transaction data cannot be signed')
  if (data.scope !== undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'a scope cannot stand for a query')
  const { response_mode: responseMode, response_uri: responseUri } = data
  if (responseMode !== 'direct_post' && responseMode !== 'direct_post.jwt') {
    throw new ProtocolError('ERR_UNSUPPORTED', 'answers are only posted directly')
  }
  if (responseUri === undefined || data.redirect_uri !== undefined) {
    throw new ProtocolError('ERR_REQUEST_INVALID', 'a direct post has a response_uri and no redirect_uri')
  }
  parseWebUrl(responseUri)
  const verifier = await identifyVerifier(clientId, header, { responseUri, nowSeconds, crypto, resolveDid })
  if (!(await crypto.verifyEs256(verifier.publicJwk, signingInput, signature))) {
    throw new ProtocolError('ERR_REQUEST_SIGNATURE', 'the request is not signed by the verifier it names')
  }
  checkClaims(data, { nowSeconds, walletNonce })
  const purpose = data['purpose']
  return {
    clientId, verifier, responseUri, responseMode, nonce: data.nonce,
    ...(data.state !== undefined && { state: data.state }),
    dcqlQuery: parseDcqlQuery(data.dcql_query),
    clientMetadata: data.client_metadata ?? {},
    ...(data.client_metadata?.client_name !== undefined && { clientName: data.client_metadata.client_name }),
    ...(typeof purpose === 'string' && { purpose })
  }
}

const checkClaims = (
  { aud, iat, exp, wallet_nonce: given }: ReturnType<typeof requestObjectSchema.parse>,
  { nowSeconds, walletNonce }: { nowSeconds: number, walletNonce: string | undefined }
): void => {
  if (aud === undefined || ![aud].flat().includes(STATIC_AUDIENCE)) {
    throw new ProtocolError('ERR_REQUEST_INVALID', 'the request is for another wallet')
  }
  if ((exp !== undefined && exp + CLOCK_SKEW_SECONDS < nowSeconds) || (iat !== undefined && iat - CLOCK_SKEW_SECONDS > nowSeconds)) {
    throw new ProtocolError('ERR_REQUEST_EXPIRED', 'the request is not valid now')
  }
  if (walletNonce !== undefined && given !== walletNonce) {
    throw new ProtocolError('ERR_WALLET_NONCE', 'the request was not made for this wallet')
  }
}
