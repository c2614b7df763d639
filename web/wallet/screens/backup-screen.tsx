import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { downloadText } from '../../ui/csv.ts'
import { Decision } from '../../ui/decision.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { useWallet } from '../wallet-context.tsx'
import { WalletErrorNote } from './wallet-error.tsx'

/** Shorter ones are guessed too fast once somebody has the file. */
const shortest = 12

/** A file that brings the wallet to another device, opened by a passphrase only. */
export function BackupScreen() {
  const { t } = useTranslation()
  const { vault } = useWallet()
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [isDone, setDone] = useState(false)
  const create = useAction(async () => {
    const file = await vault.createBackup(passphrase)
    downloadText(`symbolon-wallet-${new Date().toISOString().slice(0, 10)}.json`, 'application/json', file)
    setDone(true)
  })
  if (isDone) {
    return (
      <>
        <Decision isScreen kind="yes" word={t('backup.done_word')}>{t('backup.done_text')}</Decision>
        <Button kind="primary" isWide onPress={() => goTo('more', { replace: true })}>{t('action.back')}</Button>
      </>
    )
  }
  const isShort = passphrase.length > 0 && passphrase.length < shortest
  const differs = again !== '' && again !== passphrase
  const isReady = passphrase.length >= shortest && again === passphrase
  return (
    <form
      className="stack" onSubmit={(event) => {
        event.preventDefault()
        if (isReady) void create.run()
      }}
    >
      <h1>{t('backup.title')}</h1>
      <p className="soft">{t('backup.text')}</p>
      <TextField
        label={t('backup.passphrase')} hint={t('backup.passphrase_hint', { count: shortest })} type="password" autoComplete="new-password"
        value={passphrase} onChange={setPassphrase} error={isShort ? t('backup.too_short', { count: shortest }) : undefined}
      />
      <TextField
        label={t('backup.again')} type="password" autoComplete="new-password" value={again} onChange={setAgain}
        error={differs ? t('backup.differs') : undefined}
      />
      <p className="note note-wait">{t('backup.warning')}</p>
      <WalletErrorNote error={create.error} />
      <Button kind="primary" type="submit" isWide isBusy={create.isRunning} isDisabled={!isReady}>{t('backup.save')}</Button>
      <Button kind="quiet" onPress={() => goTo('more', { replace: true })}>{t('action.back')}</Button>
    </form>
  )
}
