import { component, type ResponseDescriptor } from 'http-message-sig'
import { encodeBase64 } from '../formats/base64url.ts'
import type { CryptoSuite } from '../formats/crypto-suite.ts'

/* What a city signs of an answer of the registry, and so what whoever verifies one asks for. */

/** The request that is answered. */
export interface AskedRequest {
  readonly method: string
  /** Absolute; a fragment is none of the request. */
  readonly url: string
}

/** Name of the signature in `Signature-Input` and `Signature`: a proxy may add its own under another. */
export const ANSWER_LABEL = 'symbolon'
/** The application the signature is for: an answer of this registry, and nothing else that the key signs. */
export const ANSWER_TAG = 'symbolon-registry'
/** RFC 9421 §3.3.4 */
export const ANSWER_ALGORITHM = 'ecdsa-p256-sha256'

/** By its content the answer, by its status what kind of answer, and what it answers: no host, for the key names the city. */
export const answerComponents = [
  component('@status'), component('content-type'), component('content-digest'),
  component('@method', { req: true }), component('@path', { req: true }), component('@query', { req: true }),
] as const

/** @see https://www.rfc-editor.org/rfc/rfc9530#section-2 */
export async function contentDigestOf(body: Uint8Array, crypto: Pick<CryptoSuite, 'sha256'>): Promise<string> {
  return `sha-256=:${encodeBase64(await crypto.sha256(body))}:`
}

/** The message that is signed: an answer with the request it belongs to. */
export function describeAnswer(status: number, fields: ResponseDescriptor['fields'], { method, url }: AskedRequest): ResponseDescriptor {
  const target = new URL(url)
  target.hash = ''
  return { kind: 'response', status, fields, request: { kind: 'request', method, targetUri: target.href, fields: [] } }
}
