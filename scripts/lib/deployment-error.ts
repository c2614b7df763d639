import { SymbolonError } from '../../agent/errors.ts'

/** What can go wrong while deploying. */
export type DeploymentErrorCode =
  | 'ERR_DEPLOYMENT_CHAIN_UNREACHABLE'
  | 'ERR_DEPLOYMENT_CHAIN_MISMATCH'
  | 'ERR_DEPLOYMENT_CHAIN_RESET'
  | 'ERR_DEPLOYMENT_CODE_CHANGED'
  | 'ERR_DEPLOYMENT_FAILED'

/** The deployment cannot go on; the message says what to do where something can be done. */
export class DeploymentError extends SymbolonError<DeploymentErrorCode> {}
