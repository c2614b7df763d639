import type { TFunction } from 'i18next'
import { suspensionReasons } from '../../agent/trust.ts'

/** Why the federation suspended a city, to stand within a sentence; a code agreed on later is told as it is. */
export function suspensionReason(t: TFunction, code: number | string): string {
  return Object.hasOwn(suspensionReasons, code) ? t(`suspension.${code}`) : t('suspension.unknown', { code: String(code) })
}
