import { isSignatureError, verifySignature, type SignatureParameters, type Verifier } from 'http-message-sig'
import { encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite, EcPublicJwk } from '../formats/crypto-suite.ts'
import { ANSWER_ALGORITHM, ANSWER_LABEL, ANSWER_TAG, answerComponents, contentDigestOf, describeAnswer, type AskedRequest } from './answer-signature.ts'
import { AnswerError } from './errors.ts'
import type { TrustList } from './read-lote.ts'

/** An answer as it arrived: its content to the byte, as `await response.arrayBuffer()` has it. */
export interface ReceivedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

export interface VerifyAnswerOptions {
  /** What was asked. An answer to anything else does not verify. */
  readonly request: AskedRequest
  /** The public key behind a DID URL; undefined when it is not believed. `keysOfMembers` takes it from a list. */
  readonly findKey: (keyId: string) => EcPublicJwk | undefined | Promise<EcPublicJwk | undefined>
  readonly nowSeconds: number
  /** How long ago it may have been signed; ten minutes unless given. Caches keep answers for up to five. */
  readonly maxAgeSeconds?: number
  readonly crypto: Pick<CryptoSuite, 'sha256' | 'verifyEs256'>
}

export interface VerifiedAnswer {
  readonly keyId: string
  readonly signedAtSeconds: number
}

const CLOCK_SKEW_SECONDS = 300
const MAX_AGE_SECONDS = 600

/**
 * Verifies that a city's registry gave this answer, to the byte, to this request, a short while ago.
 *
 * @throws AnswerError every code of `agent/trust-lists/errors.ts`
 * @see https://www.rfc-editor.org/rfc/rfc9421#section-3.2
 */
export async function verifyAnswer({ status, headers, body }: ReceivedAnswer, options: VerifyAnswerOptions): Promise<VerifiedAnswer> {
  const { request, nowSeconds, crypto } = options
  for (const name of ['signature', 'signature-input', 'content-digest']) {
    if (!headers.has(name)) throw new AnswerError('ERR_ANSWER_UNSIGNED', `the answer has no ${name}`)
  }
  if (headers.get('content-digest') !== await contentDigestOf(body, crypto)) throw new AnswerError('ERR_ANSWER_DIGEST', 'the content is not the one that was signed')
  const fields = [...headers].map(([name, value]) => ({ name, value }))
  try {
    const { parameters } = await verifySignature(describeAnswer(status, fields, request), {
      label: ANSWER_LABEL,
      resolveVerifier: async ({ parameters: claimed }) => verifierOf(await requireKey(claimed, options.findKey), crypto),
      // Times are judged below, with codes of their own.
      policy: { algorithms: [ANSWER_ALGORITHM], requiredComponents: answerComponents, requiredParameters: ['created', 'keyid', 'alg', 'tag'], now: nowSeconds, clockSkew: Number.MAX_SAFE_INTEGER },
    })
    const { created = 0, keyid = '', tag, expires = Number.POSITIVE_INFINITY } = parameters
    if (tag !== ANSWER_TAG) throw new AnswerError('ERR_ANSWER_SIGNATURE', 'the signature is for another application')
    const isOld = nowSeconds - created > (options.maxAgeSeconds ?? MAX_AGE_SECONDS) || expires < nowSeconds
    if (isOld || created > nowSeconds + CLOCK_SKEW_SECONDS) throw new AnswerError('ERR_ANSWER_STALE', 'the answer was not signed just now')
    return { keyId: keyid, signedAtSeconds: created }
  } catch (error) {
    if (!isSignatureError(error)) throw error
    if (error.cause instanceof AnswerError) throw error.cause
    throw new AnswerError('ERR_ANSWER_SIGNATURE', 'the signature is not one of this answer to this request', { cause: error })
  }
}

/**
 * The keys whose answers are believed by a verified list: those of members in good standing, by the DID URLs of their
 * documents. A key that was withdrawn is none of them.
 */
export function keysOfMembers({ members }: Pick<TrustList, 'members'>): (keyId: string) => EcPublicJwk | undefined {
  const keys = new Map<string, EcPublicJwk>(members.filter(({ standing }) => standing === 'granted').flatMap(({ did, keys: all }) =>
    all.filter(({ standing }) => standing === 'granted').map(({ thumbprint, publicJwk }) => [`${did}#${thumbprint}`, publicJwk] as const)))
  return (keyId) => keys.get(keyId)
}

async function requireKey({ keyid }: SignatureParameters, findKey: VerifyAnswerOptions['findKey']): Promise<EcPublicJwk> {
  const key = keyid === undefined ? undefined : await findKey(keyid)
  if (key === undefined) throw new AnswerError('ERR_ANSWER_SIGNER', 'the key that signed is not believed')
  return key
}

function verifierOf(key: EcPublicJwk, crypto: Pick<CryptoSuite, 'verifyEs256'>): Verifier {
  return {
    algorithm: ANSWER_ALGORITHM,
    verify: async (base, signature) => await crypto.verifyEs256(key, new TextDecoder().decode(base), encodeBase64url(signature)),
  }
}
