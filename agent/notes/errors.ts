import { SymbolonError } from '../errors.ts'

export type NoteErrorCode =
  | 'ERR_NOTE_MODULUS'
  | 'ERR_NOTE_ENCODING'
  | 'ERR_NOTE_BLINDING'
  | 'ERR_NOTE_SIGNATURE_INVALID'
  | 'ERR_NOTE_INPUT'

/** Everything that can go wrong with a blind-signed note. */
export class NoteError extends SymbolonError<NoteErrorCode> {}
