import { SymbolonError } from '../../agent/errors.ts'

/** What can go wrong while a federation is founded. */
export type FoundingErrorCode =
  /** What is to be founded makes no sense: no city, one city twice, a key of the deployer's among those that stay. */
  | 'ERR_FOUNDING_INPUT_INVALID'
  /** The contracts belong neither to the deployer nor to the federation. */
  | 'ERR_FOUNDING_NOT_THE_OWNER'
  /** The registry knows a founding city with other keys, documents or texts. */
  | 'ERR_FOUNDING_CITY_CONFLICT'
  /** The contracts were deployed with other parameters. */
  | 'ERR_FOUNDING_PARAMETERS_DIFFER'
  /** A contract refused. */
  | 'ERR_FOUNDING_REFUSED'
  | 'ERR_FOUNDING_CHAIN_UNREACHABLE'
  /** Somebody holds a power that nobody should hold. */
  | 'ERR_FOUNDING_POWERS_LEFT'

/** The founding cannot go on; the message says why. */
export class FoundingError extends SymbolonError<FoundingErrorCode> {}
