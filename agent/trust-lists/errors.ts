import { SymbolonError } from '../errors.ts'

export type TrustListErrorCode =
  /** Not a signed list of trusted entities that says what a city's list says. */
  | 'ERR_TRUST_LIST_MALFORMED'
  /** The signature is not that of the certificate, or the certificate is not valid. */
  | 'ERR_TRUST_LIST_SIGNATURE'
  /** The list does not itself name its signer as a key of a member in good standing. */
  | 'ERR_TRUST_LIST_SIGNER'
  /** The time of the next update has passed, or the list is from the future. */
  | 'ERR_TRUST_LIST_STALE'

/** A list of trusted entities that is not believed. */
export class TrustListError extends SymbolonError<TrustListErrorCode> {}

export type AnswerErrorCode =
  /** A header field of the signature is missing. */
  | 'ERR_ANSWER_UNSIGNED'
  /** The content is not the one whose digest was signed. */
  | 'ERR_ANSWER_DIGEST'
  /** The signature is not one of this answer to this request. */
  | 'ERR_ANSWER_SIGNATURE'
  /** The key that signed is none that is believed. */
  | 'ERR_ANSWER_SIGNER'
  /** It was signed too long ago, or in the future. */
  | 'ERR_ANSWER_STALE'

/** An answer of the registry that is not believed. */
export class AnswerError extends SymbolonError<AnswerErrorCode> {}
