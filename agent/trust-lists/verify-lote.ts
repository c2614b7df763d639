import { decodeBase64, decodeJsonObject, encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite } from '../formats/crypto-suite.ts'
import { ecThumbprint } from '../formats/jwk.ts'
import { readCertificate } from '../protocols/x509.ts'
import { TrustListError } from './errors.ts'
import { LOTE_TYP } from './lote-types.ts'
import { readListOfTrustedEntities, type ListedMember, type TrustList } from './read-lote.ts'
import type { Standing } from './standing.ts'

export interface VerifyLoteOptions {
  readonly nowSeconds: number
  readonly crypto: Pick<CryptoSuite, 'sha256' | 'verifyEs256'>
  /** Also takes a list that says of its own signer that it is suspended, for whoever looks for others to ask. */
  readonly mayBeSuspended?: boolean
}

export interface VerifiedTrustList {
  readonly list: TrustList
  /** The member whose key signed, as the list itself has it. */
  readonly signer: ListedMember
  readonly signerThumbprint: string
}

/** Lists of thousands of cities stay below it. */
const MAX_CHARACTERS = 4 * 1024 * 1024
const CLOCK_SKEW_SECONDS = 300

/**
 * Verifies a signed list: its signature, the certificate's period, that the list is of now, and that it names its own
 * signer as a key in good standing. Whether that signer is believed is the caller's to decide.
 *
 * @throws TrustListError every code of `agent/trust-lists/errors.ts`
 * @see https://www.etsi.org/deliver/etsi_ts/119100_119199/11918201/01.02.01_60/ts_11918201v010201p.pdf clause 6.3
 */
export async function verifyListOfTrustedEntities(token: string, { nowSeconds, crypto, mayBeSuspended = false }: VerifyLoteOptions): Promise<VerifiedTrustList> {
  const { header, payload, signingInput, signature } = split(token)
  const [certificate] = Array.isArray(header['x5c']) ? header['x5c'] as unknown[] : []
  const iat = header['iat']
  if (header['alg'] !== 'ES256' || header['typ'] !== LOTE_TYP || 'crit' in header || 'b64' in header || typeof certificate !== 'string' || !Number.isSafeInteger(iat)) {
    throw new TrustListError('ERR_TRUST_LIST_MALFORMED', 'not signed as a list of this kind is')
  }
  const info = await readSigner(certificate, header['x5t#S256'], crypto)
  if (!await crypto.verifyEs256(info.publicJwk, signingInput, signature)) throw new TrustListError('ERR_TRUST_LIST_SIGNATURE', 'the signature is wrong')
  if (nowSeconds < info.notBeforeSeconds || nowSeconds > info.notAfterSeconds) {
    throw new TrustListError('ERR_TRUST_LIST_SIGNATURE', 'the certificate of the signer is not valid now')
  }
  const list = readListOfTrustedEntities(payload)
  if (nowSeconds > list.nextUpdateSeconds) throw new TrustListError('ERR_TRUST_LIST_STALE', 'the list should have been renewed before')
  if (Math.max(list.issuedAtSeconds, Number(iat)) > nowSeconds + CLOCK_SKEW_SECONDS) throw new TrustListError('ERR_TRUST_LIST_STALE', 'the list is from the future')
  const signerThumbprint = await ecThumbprint(info.publicJwk, crypto)
  const isTaken = (standing: Standing): boolean => standing === 'granted' || mayBeSuspended && standing === 'suspended'
  const signer = list.members.find(({ standing, keys }) =>
    isTaken(standing) && keys.some((key) => key.thumbprint === signerThumbprint && isTaken(key.standing)))
  if (signer === undefined) throw new TrustListError('ERR_TRUST_LIST_SIGNER', 'the list does not name its signer as a member in good standing')
  return { list, signer, signerThumbprint }
}

function split(token: string) {
  const parts = token.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3 || token.length > MAX_CHARACTERS) throw new TrustListError('ERR_TRUST_LIST_MALFORMED', 'not a compact signature')
  try {
    return { header: decodeJsonObject(header), payload: decodeJsonObject(payload), signingInput: `${header}.${payload}`, signature }
  } catch (cause) {
    throw new TrustListError('ERR_TRUST_LIST_MALFORMED', 'not a compact signature', { cause })
  }
}

async function readSigner(certificate: string, digest: unknown, crypto: Pick<CryptoSuite, 'sha256'>) {
  try {
    const der = decodeBase64(certificate)
    if (digest !== encodeBase64url(await crypto.sha256(der))) throw new TypeError('the digest is of another certificate')
    return readCertificate(der)
  } catch (cause) {
    throw new TrustListError('ERR_TRUST_LIST_SIGNATURE', 'the certificate cannot be read', { cause })
  }
}
