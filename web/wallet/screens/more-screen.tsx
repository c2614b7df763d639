import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { changeLanguage, languages } from '../../ui/i18n.ts'
import type { Language } from '../../ui/i18n.ts'
import { useNotify } from '../../ui/notices.tsx'
import { Select } from '../../ui/select.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { readTotals } from '../points/purse.ts'
import { useStored, useWallet } from '../wallet-context.tsx'

/** History, backup, language, and the end of everything. */
export function MoreScreen() {
  const { t, i18n } = useTranslation()
  const { vault } = useWallet()
  const notify = useNotify()
  const [isAsking, setAsking] = useState(false)
  const totals = useStored(readTotals)
  const points = (totals ?? []).reduce((sum, { held, requested, paying }) => sum + held + requested + paying, 0)
  const remove = useAction(async () => {
    await vault.deleteEverything()
    setAsking(false)
    notify(t('more.deleted'), 'good')
    goTo('/', { replace: true })
  })
  return (
    <>
      <h1>{t('more.title')}</h1>
      <ul className="wallet-menu">
        {(['history', 'backup', 'restore'] as const).map((name) => (
          <li key={name}><a href={`#/${name}`}><strong>{t(`more.${name}`)}</strong><span className="soft">{t(`more.${name}_text`)}</span></a></li>
        ))}
      </ul>
      <Select
        label={t('shell.language')} value={i18n.language as Language} onChange={(language) => void changeLanguage(language)}
        options={Object.entries(languages).map(([value, label]) => ({ value: value as Language, label }))}
      />
      <section className="stack">
        <h2>{t('more.delete_title')}</h2>
        <p className="soft">{t('more.delete_text')}</p>
        <Button kind="danger" onPress={() => setAsking(true)}>{t('more.delete')}</Button>
      </section>
      <ConfirmDialog
        title={t('more.delete_sure')} isOpen={isAsking} onClose={() => setAsking(false)} isDangerous isBusy={remove.isRunning}
        confirmLabel={t('more.delete')} cancelLabel={t('action.cancel')} onConfirm={() => void remove.run()}
      >
        <p>{t('more.delete_warning')}</p>
        {points > 0 && <p className="note note-bad">{t('more.delete_points', { count: points })}</p>}
      </ConfirmDialog>
    </>
  )
}
