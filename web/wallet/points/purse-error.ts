import { SymbolonError } from '../../../agent/errors.ts'

export type PurseErrorCode =
  | 'ERR_PROGRAM_UNKNOWN'
  | 'ERR_PROGRAM_KEYS_CHANGED'
  | 'ERR_NO_EXACT_SUM'
  | 'ERR_POINTS_MISSING'
  | 'ERR_ORDER_UNREADABLE'
  | 'ERR_ORDER_CLOSED'
  | 'ERR_NO_CARD_OF_CITY'

/** Why points could not be withdrawn or paid. */
export class PurseError extends SymbolonError<PurseErrorCode> {
  /** Points that are missing, or the nearest sums that could be paid. */
  readonly amounts: { readonly missing?: number; readonly below?: number; readonly above?: number | undefined }

  constructor(code: PurseErrorCode, amounts: PurseError['amounts'] = {}) {
    super(code, code)
    this.amounts = amounts
  }
}
