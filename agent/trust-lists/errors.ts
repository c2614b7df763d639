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
