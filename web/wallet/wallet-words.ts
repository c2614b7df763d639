import { SymbolonError } from '../../agent/errors.ts'
import { ProtocolError } from '../../agent/protocols/errors.ts'
import { ApiError, describeError } from '../ui/problem.ts'

/** What the person reads about an error of the wallet: translation keys of what happened and what to do. */
export function describeWalletError(error: unknown): { title: string; advice: string } {
  const name = nameOf(error)
  if (name === undefined) return describeError(error)
  return { title: `trouble.${name}.title`, advice: `trouble.${name}.advice` }
}

const names: Record<string, string> = {
  ERR_OFFER_INVALID: 'link_unreadable',
  ERR_REQUEST_INVALID: 'link_unreadable',
  ERR_DCQL_INVALID: 'link_unreadable',
  ERR_JWT_INVALID: 'link_unreadable',
  ERR_ORDER_UNREADABLE: 'link_unreadable',
  ERR_URL_NOT_ALLOWED: 'link_unsafe',
  ERR_REMOTE_UNREACHABLE: 'unreachable',
  ERR_METADATA_INVALID: 'answer_unreadable',
  ERR_RESPONSE_INVALID: 'answer_unreadable',
  ERR_UNSUPPORTED: 'unsupported',
  ERR_REQUEST_SIGNATURE: 'asker_unproven',
  ERR_CLIENT_ID: 'asker_unproven',
  ERR_CERTIFICATE_UNREADABLE: 'asker_unproven',
  ERR_WALLET_NONCE: 'asker_unproven',
  ERR_REQUEST_EXPIRED: 'request_over',
  ERR_NO_MATCHING_CREDENTIAL: 'no_card_fits',
  ERR_PROGRAM_UNKNOWN: 'program_unknown',
  ERR_PROGRAM_KEYS_CHANGED: 'keys_changed',
  ERR_NOTE_SIGNATURE_INVALID: 'bad_note',
  ERR_NO_CARD_OF_CITY: 'no_card_of_city',
  ERR_ORDER_CLOSED: 'order_closed',
  ERR_ORDER_EXPIRED: 'order_closed',
  ERR_CARD_REFUSED: 'card_refused',
  ERR_PROGRAM_NOT_RUNNING: 'program_over',
  ERR_BALANCE_INSUFFICIENT: 'balance_low',
  ERR_NOTE_SPENT: 'note_spent',
  ERR_BACKUP_INVALID: 'backup_invalid',
  ERR_BACKUP_PASSPHRASE: 'backup_passphrase',
  ERR_VAULT_UNREADABLE: 'vault_unreadable',
}

function nameOf(error: unknown): string | undefined {
  if (error instanceof ApiError) return error.problem === undefined ? undefined : names[error.problem]
  if (error instanceof ProtocolError && error.code === 'ERR_REMOTE_REFUSED') {
    if (error.oauthError === 'invalid_grant') return 'code_refused'
    return (error.status ?? 0) >= 500 ? 'unreachable' : 'link_used'
  }
  return error instanceof SymbolonError ? names[error.code] : undefined
}
