import type { ICredentialPlugin, TAgent } from '@veramo/core-types'
import { bitstringStatusEntries } from '../status/bitstring-status-list.ts'
import { isoDateOf, startOfDaySeconds, type CityCardClaims } from './city-card-claims.ts'
import { didJwkOf } from './jwk.ts'
import { VC_CONTEXT_V1 } from './jwt-vp.ts'
import type { CardCopy } from './sd-jwt-vc-issue-node.ts'

export interface IssueJwtVcOptions extends CardCopy {
  readonly claims: CityCardClaims
  /** The type of the card: a URL, as in the SD-JWT VC. */
  readonly vct: string
  readonly issuerDid: string
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
  /** Thumbprint of the issuer's key. */
  readonly kid: string
  readonly x5c: readonly string[]
  /**
   * Whether to name the W3C status lists besides the token status list; yes unless told. Some verifiers in the field
   * reject a JWT credential that has a `credentialStatus`.
   */
  readonly withCredentialStatus?: boolean
}

/**
 * Signs one copy of a city card as a VCDM 1.1 credential in a JWT, through Veramo and did-jwt-vc. The holder is a
 * `did:jwk`. This format cannot disclose claims one by one.
 * @see https://www.w3.org/TR/vc-data-model/#json-web-token
 */
export async function issueJwtVc(veramo: Pick<TAgent<ICredentialPlugin>, 'createVerifiableCredential'>, options: IssueJwtVcOptions): Promise<string> {
  const { status } = options
  const credential = await veramo.createVerifiableCredential({
    credential: {
      '@context': [VC_CONTEXT_V1],
      type: ['VerifiableCredential', options.vct],
      issuer: options.issuerDid,
      issuanceDate: `${isoDateOf(options.issuedAtSeconds)}T00:00:00Z`,
      expirationDate: new Date(startOfDaySeconds(options.expiresAtSeconds) * 1000).toISOString(),
      credentialSubject: { id: didJwkOf(options.holderJwk), ...options.claims },
      status: { status_list: { idx: status.index, uri: status.uri } },
      ...(options.withCredentialStatus !== false && { credentialStatus: bitstringStatusEntries(status.uri, status.index) as never }),
    },
    proofFormat: 'jwt',
    keyRef: options.kid,
    header: { kid: `${options.issuerDid}#${options.kid}`, x5c: options.x5c },
  })
  return (credential.proof as { jwt: string }).jwt
}
