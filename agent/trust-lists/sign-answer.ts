import { createSignature } from 'http-message-sig'
import { decodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite, JwsSigner } from '../formats/crypto-suite.ts'
import { ANSWER_ALGORITHM, ANSWER_LABEL, ANSWER_TAG, answerComponents, contentDigestOf, describeAnswer, type AskedRequest } from './answer-signature.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

export interface SignAnswerOptions {
  readonly request: AskedRequest
  /** The signing key in the DID document of the city. */
  readonly keyId: string
  readonly signedAtSeconds: number
  /** ES256: the same bytes as `ecdsa-p256-sha256`. */
  readonly sign: JwsSigner
  readonly crypto: Pick<CryptoSuite, 'sha256'>
}

export interface AnswerSignature {
  readonly 'content-digest': string
  readonly 'signature-input': string
  readonly signature: string
}

/**
 * Signs an answer of the registry, to the byte, together with what was asked: the header fields to send with it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9421#section-2.4
 * @see https://www.rfc-editor.org/rfc/rfc9530#section-2
 */
export async function signAnswer({ status, contentType, body }: Answer, { request, keyId, signedAtSeconds, sign, crypto }: SignAnswerOptions): Promise<AnswerSignature> {
  const digest = await contentDigestOf(body, crypto)
  const fields = [{ name: 'content-type', value: contentType }, { name: 'content-digest', value: digest }]
  const { signatureInput, signature } = await createSignature(describeAnswer(status, fields, request), {
    label: ANSWER_LABEL,
    components: answerComponents,
    parameters: { created: signedAtSeconds, keyid: keyId, alg: ANSWER_ALGORITHM, tag: ANSWER_TAG },
    signer: { algorithm: ANSWER_ALGORITHM, sign: async (base) => decodeBase64url(await sign(new TextDecoder().decode(base))) },
  })
  return { 'content-digest': digest, 'signature-input': signatureInput, signature }
}
