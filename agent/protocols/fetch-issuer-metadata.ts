import { ProtocolError } from './errors.ts'
import { type Fetch, requestJson } from './http.ts'
import { authorizationServerSchema, issuerMetadataSchema } from './vci-wire.ts'
import { parseWebUrl, wellKnownUrl } from './web-url.ts'

export interface CredentialConfiguration {
  readonly format: string
  readonly vct?: string
  readonly types?: readonly string[]
  /** A name in the first language the issuer gives. */
  readonly name?: string
  /** Whether a proof of the holder's key is wanted, and with which algorithms. */
  readonly proofAlgorithms?: readonly string[]
}

export interface IssuerMetadata {
  readonly credentialIssuer: string
  readonly name?: string
  readonly tokenEndpoint: string
  readonly credentialEndpoint: string
  readonly nonceEndpoint?: string
  readonly notificationEndpoint?: string
  /** How many copies one request may ask for. */
  readonly batchSize: number
  readonly configurations: Readonly<Record<string, CredentialConfiguration>>
}

/**
 * Fetches what a wallet must know of an issuer and of its authorization server.
 * @throws ProtocolError ERR_METADATA_INVALID, ERR_URL_NOT_ALLOWED, ERR_REMOTE_UNREACHABLE, ERR_REMOTE_REFUSED
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.2
 */
export const fetchIssuerMetadata = async (
  offer: { readonly credentialIssuer: string, readonly authorizationServer?: string }, fetch: Fetch
): Promise<IssuerMetadata> => {
  const json = await requestJson(fetch, wellKnownUrl(offer.credentialIssuer, 'openid-credential-issuer'))
  const { success, data } = issuerMetadataSchema.safeParse(json)
  if (!success) throw new ProtocolError('ERR_METADATA_INVALID', 'the issuer metadata is not of the form OpenID4VCI 1.0 gives it')
  if (data.credential_issuer !== offer.credentialIssuer) {
    throw new ProtocolError('ERR_METADATA_INVALID', 'the issuer metadata is of another issuer')
  }
  const servers = data.authorization_servers ?? [data.credential_issuer]
  const server = offer.authorizationServer ?? servers[0] ?? data.credential_issuer
  if (!servers.includes(server)) throw new ProtocolError('ERR_METADATA_INVALID', 'the offer names a foreign authorization server')
  const name = data.display?.find(({ name }) => name !== undefined)?.name
  return {
    credentialIssuer: data.credential_issuer,
    ...(name !== undefined && { name }),
    tokenEndpoint: await fetchTokenEndpoint(server, fetch),
    credentialEndpoint: parseWebUrl(data.credential_endpoint).href,
    ...(data.nonce_endpoint !== undefined && { nonceEndpoint: parseWebUrl(data.nonce_endpoint).href }),
    ...(data.notification_endpoint !== undefined && { notificationEndpoint: parseWebUrl(data.notification_endpoint).href }),
    batchSize: data.batch_credential_issuance?.batch_size ?? 1,
    configurations: Object.fromEntries(Object.entries(data.credential_configurations_supported).map(
      ([id, configuration]) => [id, readConfiguration(configuration)]))
  }
}

type WireConfiguration = ReturnType<typeof issuerMetadataSchema.parse>['credential_configurations_supported'][string]

const readConfiguration = (wire: WireConfiguration): CredentialConfiguration => {
  const name = wire.credential_metadata?.display?.find(({ name }) => name !== undefined)?.name
  const algorithms = wire.proof_types_supported?.['jwt']?.proof_signing_alg_values_supported
  return {
    format: wire.format,
    ...(wire.vct !== undefined && { vct: wire.vct }),
    ...(wire.credential_definition?.type !== undefined && { types: wire.credential_definition.type }),
    ...(name !== undefined && { name }),
    ...(algorithms !== undefined && { proofAlgorithms: algorithms })
  }
}

const fetchTokenEndpoint = async (server: string, fetch: Fetch): Promise<string> => {
  const json = await requestJson(fetch, wellKnownUrl(server, 'oauth-authorization-server')).catch((error: unknown) => {
    if (!(error instanceof ProtocolError) || error.status !== 404) throw error
    return requestJson(fetch, wellKnownUrl(server, 'openid-configuration'))
  })
  const { success, data } = authorizationServerSchema.safeParse(json)
  if (!success || data.issuer !== server) {
    throw new ProtocolError('ERR_METADATA_INVALID', 'the authorization server metadata is not of the form RFC 8414 gives it')
  }
  return parseWebUrl(data.token_endpoint).href
}
