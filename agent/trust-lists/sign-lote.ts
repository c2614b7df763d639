import { decodeBase64, encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite, JwsSigner } from '../formats/crypto-suite.ts'
import { LOTE_TYP, type ListOfTrustedEntities } from './lote-types.ts'

export interface SignLoteOptions {
  /** The signing key in the DID document of the city. */
  readonly kid: string
  /** Certificates in base64 DER, the signer's own first. */
  readonly x5c: readonly string[]
  /** The claimed time of signing, which must lie in the certificate's period. */
  readonly signedAtSeconds: number
  readonly sign: JwsSigner
  readonly crypto: Pick<CryptoSuite, 'sha256'>
}

/**
 * Signs a list as compact JAdES, baseline B: the certificate, its digest and the claimed time in the protected header.
 *
 * @see https://www.etsi.org/deliver/etsi_ts/119600_119699/119602/01.01.01_60/ts_119602v010101p.pdf clause 6.8
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf clauses 5.1.7, 5.1.8, 5.1.11 and 6.3
 */
export async function signListOfTrustedEntities(list: ListOfTrustedEntities, options: SignLoteOptions): Promise<string> {
  const [certificate = ''] = options.x5c
  const header = {
    alg: 'ES256',
    typ: LOTE_TYP,
    kid: options.kid,
    iat: options.signedAtSeconds,
    'x5t#S256': encodeBase64url(await options.crypto.sha256(decodeBase64(certificate))),
    x5c: options.x5c,
  }
  const signingInput = `${encodeJson(header)}.${encodeJson(list)}`
  return `${signingInput}.${await options.sign(signingInput)}`
}

function encodeJson(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
}
