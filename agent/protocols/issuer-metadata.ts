import { Openid4vciIssuer, setGlobalConfig } from '@openid4vc/openid4vci'
import { PRE_AUTHORIZED_GRANT } from './vci-wire.ts'
import { parseWebUrl } from './web-url.ts'

export const SD_JWT_CONFIGURATION = 'city_card_sd_jwt'
export const JWT_VC_CONFIGURATION = 'city_card_jwt_vc'
export const CONFIGURATION_IDS: readonly string[] = [SD_JWT_CONFIGURATION, JWT_VC_CONFIGURATION]

export interface IssuerDescription {
  /** The city's public URL, without a slash at its end. */
  readonly publicUrl: string
  readonly cityName: string
  readonly vct: string
  readonly batchSize: number
  /** Names of the card's claims with their label in English, in the order to show them. */
  readonly claims: readonly { readonly name: string, readonly label: string }[]
}

/**
 * The city's issuer metadata. The public URL is https, or http on this very machine.
 * @throws ProtocolError ERR_URL_NOT_ALLOWED
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#section-12.2.4
 */
export const createIssuerMetadata = (city: IssuerDescription): Record<string, unknown> => {
  const common = {
    cryptographic_binding_methods_supported: ['jwk', 'did:jwk', 'did:key'],
    credential_signing_alg_values_supported: ['ES256'],
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } }
  }
  const display = [{ name: `City card of ${city.cityName}`, locale: 'en' }]
  const claims = (prefix: readonly string[]) => city.claims.map(({ name, label }) => ({
    path: [...prefix, name], mandatory: true, display: [{ name: label, locale: 'en' }]
  }))
  parseWebUrl(city.publicUrl)
  // the library knows no exception for this very machine: the line above has kept the rule in its place
  setGlobalConfig({ allowInsecureUrls: true })
  // the library checks the shape: a mistake here fails at the start, not in a wallet
  return withoutCallbacks().createCredentialIssuerMetadata({
    credential_issuer: city.publicUrl,
    credential_endpoint: `${city.publicUrl}/oid4vci/credential`,
    nonce_endpoint: `${city.publicUrl}/oid4vci/nonce`,
    notification_endpoint: `${city.publicUrl}/oid4vci/notification`,
    batch_credential_issuance: { batch_size: city.batchSize },
    display: [{ name: city.cityName, locale: 'en' }],
    credential_configurations_supported: {
      [SD_JWT_CONFIGURATION]: {
        format: 'dc+sd-jwt', vct: city.vct, scope: SD_JWT_CONFIGURATION, ...common,
        credential_metadata: { display, claims: claims([]) }
      },
      [JWT_VC_CONFIGURATION]: {
        format: 'jwt_vc_json', credential_definition: { type: ['VerifiableCredential', city.vct] },
        scope: JWT_VC_CONFIGURATION, ...common, credential_metadata: { display, claims: claims(['credentialSubject']) }
      }
    }
  })
}

/**
 * The city's authorization server metadata. Wallets need not register.
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
 */
export const createAuthorizationServerMetadata = (publicUrl: string): Record<string, unknown> => ({
  issuer: publicUrl,
  token_endpoint: `${publicUrl}/oid4vci/token`,
  token_endpoint_auth_methods_supported: ['none'],
  grant_types_supported: [PRE_AUTHORIZED_GRANT],
  response_types_supported: [],
  'pre-authorized_grant_anonymous_access_supported': true
})

const withoutCallbacks = (): Openid4vciIssuer => {
  const unused = (): never => { throw new Error('metadata is made without cryptography') }
  return new Openid4vciIssuer({ callbacks: { hash: unused, signJwt: unused, verifyJwt: unused, clientAuthentication: unused,
    generateRandom: unused, encryptJwe: unused, decryptJwe: unused } as ConstructorParameters<typeof Openid4vciIssuer>[0]['callbacks'] })
}
