import { useTranslation } from 'react-i18next'
import { claimName } from '../../ui/claim-name.ts'
import { formatCardNumber, formatDate } from '../../ui/format.ts'

/** The name of a claim in the reader's language. */
export function ClaimName({ claim }: { claim: string }) {
  const { t } = useTranslation()
  const name = claimName(claim)
  return name === undefined ? claim.replaceAll('_', ' ') : t(name.key, name.values)
}

/** The value of a claim as people write it. */
export function ClaimValue({ claim, value }: { claim: string; value: unknown }) {
  const { t, i18n } = useTranslation()
  if (claim === 'portrait' && typeof value === 'string') return <img src={value} alt={t('present.your_portrait')} />
  if (typeof value === 'boolean') return t(value ? 'present.yes' : 'present.no')
  if (typeof value !== 'string') return JSON.stringify(value)
  if (claim.endsWith('_date')) return formatDate(value, i18n.language)
  return claim === 'card_number' ? formatCardNumber(value) : value
}
