import type { TFunction } from 'i18next'
import { claimName } from '../ui/claim-name.ts'

/** A claim's name in the reader's words; its technical name when no city card has it. */
export function claimLabel(claim: string, t: TFunction): string {
  const name = claimName(claim)
  return name === undefined ? claim : t(name.key, name.values)
}
