import { SymbolonError } from '../../agent/errors.ts'

export type PermissioningErrorCode =
  /** The federation's network file is not what `network.ts` describes. */
  | 'ERR_PERMISSIONING_NETWORK_INVALID'
  /** A node that is named is not in the network file, or cannot take the part it was asked to. */
  | 'ERR_PERMISSIONING_NODE_UNSUITABLE'
  /** `extraData` of a genesis that is not QBFT's. */
  | 'ERR_PERMISSIONING_EXTRA_DATA_INVALID'
  /** The lists would leave the chain without enough validators, or without anybody who may act. */
  | 'ERR_PERMISSIONING_LOCKOUT'
  /** The lists would leave out the very node they are written for. */
  | 'ERR_PERMISSIONING_SELF_EXCLUDED'
  /** The node does not offer the method: its API group or its allow-lists are not switched on. */
  | 'ERR_PERMISSIONING_NOT_OFFERED'
  /** The node wants another token than it was given, or one at all. */
  | 'ERR_PERMISSIONING_UNAUTHORIZED'
  /** The node could not read the file it was told to reload. */
  | 'ERR_PERMISSIONING_RELOAD_REFUSED'
  /** The node reloaded, and its lists are still not those of the file. */
  | 'ERR_PERMISSIONING_NOT_TAKEN'
  /** A node does not keep up with the chain, or a validator makes no blocks. */
  | 'ERR_PERMISSIONING_NODE_UNHEALTHY'
  /** A validator whose key is to be put on another machine made a block just now. */
  | 'ERR_PERMISSIONING_KEY_IN_USE'

/** Everything the permissioning of the chain refuses on purpose. */
export class PermissioningError extends SymbolonError<PermissioningErrorCode> {}
