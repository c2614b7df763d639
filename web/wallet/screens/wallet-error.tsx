import { useTranslation } from 'react-i18next'
import { ErrorNote, ErrorState } from '../../ui/states.tsx'
import { describeWalletError } from '../wallet-words.ts'

/** An error of the wallet over the whole screen, in plain words. */
export function WalletError({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation()
  const { title, advice } = describeWalletError(error)
  return <ErrorState isScreen error={error} title={t(title)} advice={t(advice)} onRetry={onRetry} />
}

/** An error of the wallet beside what it belongs to. */
export function WalletErrorNote({ error }: { error: unknown }) {
  const { t } = useTranslation()
  const { title, advice } = describeWalletError(error)
  return <ErrorNote error={error}><p><strong>{t(title)}</strong> {t(advice)}</p></ErrorNote>
}
