import { useTranslation } from 'react-i18next'
import { AppShell } from '../../ui/app-shell.tsx'
import { ErrorState } from '../../ui/states.tsx'

/** Shown instead of the wallet where the browser lets it store nothing. */
export function ClosedVault({ error }: { error: unknown }) {
  const { t } = useTranslation()
  return (
    <AppShell title={t('wallet.title')}>
      <ErrorState
        isScreen error={error} title={t('trouble.vault_closed.title')} advice={t('trouble.vault_closed.advice')}
        onRetry={() => location.reload()}
      />
    </AppShell>
  )
}
