/**
 * The base of every error this project throws on purpose. Branch on `code`, never on the message;
 * a message holds no personal data and no secret.
 */
export class SymbolonError<Code extends string = string> extends Error {
  readonly code: Code

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Everything the agent room refuses, by the part that refuses it. */
export type AgentErrorCode =
  // agent/status
  | 'ERR_DELTA_INVALID'
  | 'ERR_STATUS_LIST_INVALID'
  | 'ERR_STATUS_LIST_TOO_LARGE'
  | 'ERR_STATUS_INDEX_OUT_OF_RANGE'
  | 'ERR_STATUS_LIST_FULL'
  // agent/formats
  | 'ERR_CLAIMS_INVALID'
  | 'ERR_PORTRAIT_INVALID'
  | 'ERR_PORTRAIT_TOO_LARGE'
  | 'ERR_CREDENTIAL_MALFORMED'
  | 'ERR_CREDENTIAL_REJECTED'
  | 'ERR_DISCLOSURE_UNKNOWN'
  | 'ERR_KEY_BINDING_INVALID'
  // agent/keys
  | 'ERR_KEY_NOT_FOUND'
  | 'ERR_KEY_EXISTS'
  | 'ERR_KEY_TYPE_UNSUPPORTED'
  | 'ERR_KEY_ALGORITHM_UNSUPPORTED'
  | 'ERR_KEY_UNREADABLE'
  | 'ERR_KEY_ENCRYPTION_KEY_INVALID'
  | 'ERR_SIGNING_INPUT_INVALID'
  | 'ERR_CERTIFICATE_INVALID'
  // agent/dids
  | 'ERR_DID_NOT_FOUND'
  | 'ERR_DID_UNRESOLVABLE'
  | 'ERR_DOMAIN_LINKAGE_MALFORMED'
  | 'ERR_DOMAIN_LINKAGE_ISSUER'
  | 'ERR_DOMAIN_LINKAGE_ORIGIN'
  | 'ERR_DOMAIN_LINKAGE_NOT_YET_VALID'
  | 'ERR_DOMAIN_LINKAGE_EXPIRED'
  | 'ERR_DOMAIN_LINKAGE_SIGNATURE'
  // agent.ts: an error of a library that has no code of its own
  | 'ERR_AGENT_FAILED'

/** An error of the agent room. */
export class AgentError extends SymbolonError<AgentErrorCode> {}
