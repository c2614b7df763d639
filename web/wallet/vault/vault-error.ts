import { SymbolonError } from '../../../agent/errors.ts'

export type VaultErrorCode =
  | 'ERR_VAULT_UNREADABLE'
  | 'ERR_VAULT_RECORD_MISSING'
  | 'ERR_BACKUP_INVALID'
  | 'ERR_BACKUP_PASSPHRASE'

/** Everything that can go wrong with what the wallet keeps. */
export class VaultError extends SymbolonError<VaultErrorCode> {}
