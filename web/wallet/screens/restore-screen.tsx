import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Decision } from '../../ui/decision.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { restoreNotes } from '../points/restore-notes.ts'
import { resumeAll } from '../resume.ts'
import type { Vault } from '../vault/vault.ts'
import { useStored, useWallet } from '../wallet-context.tsx'
import { ProgressBar } from './progress-bar.tsx'
import { WalletErrorNote } from './wallet-error.tsx'

const readIsUsed = async (vault: Vault) => (await vault.list('card')).length + (await vault.list('note')).length > 0

/** Brings a wallet back from its file, and asks the cities for notes that are younger than the file. */
export function RestoreScreen() {
  const { t } = useTranslation()
  const tools = useWallet()
  const picker = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const [passphrase, setPassphrase] = useState('')
  const [isAsking, setAsking] = useState(false)
  const [progress, setProgress] = useState<{ done: number; all: number }>()
  const [result, setResult] = useState<{ cards: number; recovered: number; isComplete: boolean }>()
  const isUsed = useStored(readIsUsed)
  const restore = useAction(async () => {
    if (file === undefined) return
    setAsking(false)
    await tools.vault.restoreBackup(await file.text(), passphrase)
    const cards = await tools.vault.list('card')
    let recovered = 0
    let isComplete = true
    for (const issuer of new Set(cards.map((card) => card.issuer))) {
      try {
        recovered += (await restoreNotes(issuer, tools, (done, all) => setProgress({ done, all }))).recovered
      } catch {
        isComplete = false
      }
    }
    void resumeAll(tools)
    setProgress(undefined)
    setResult({ cards: cards.length, recovered, isComplete })
  })
  if (result !== undefined) {
    return (
      <>
        <Decision isScreen kind="yes" word={t('restore.done_word')}>
          <p>{t('restore.done_cards', { count: result.cards })}</p>
          {result.recovered > 0 && <p>{t('restore.done_points', { count: result.recovered })}</p>}
          {!result.isComplete && <p>{t('restore.incomplete')}</p>}
        </Decision>
        <Button kind="primary" isWide onPress={() => goTo('/', { replace: true })}>{t('receive.to_card')}</Button>
      </>
    )
  }
  return (
    <form
      className="stack" onSubmit={(event) => {
        event.preventDefault()
        if (isUsed === true) setAsking(true)
        else void restore.run()
      }}
    >
      <h1>{t('restore.title')}</h1>
      <p className="soft">{t('restore.text')}</p>
      <input
        ref={picker} type="file" accept="application/json,.json" hidden aria-hidden="true" tabIndex={-1}
        onChange={(event) => setFile(event.target.files?.[0])}
      />
      <Button isWide onPress={() => picker.current?.click()}>{file === undefined ? t('restore.choose') : t('restore.chosen', { name: file.name })}</Button>
      <TextField label={t('backup.passphrase')} type="password" autoComplete="current-password" value={passphrase} onChange={setPassphrase} />
      {progress !== undefined && <ProgressBar label={t('restore.asking')} {...progress} />}
      <WalletErrorNote error={restore.error} />
      <Button kind="primary" type="submit" isWide isBusy={restore.isRunning} isDisabled={file === undefined || passphrase === ''}>{t('restore.restore')}</Button>
      <Button kind="quiet" onPress={() => goTo('more', { replace: true })}>{t('action.back')}</Button>
      <ConfirmDialog
        title={t('restore.replace_title')} isOpen={isAsking} onClose={() => setAsking(false)} isDangerous
        confirmLabel={t('restore.replace')} cancelLabel={t('action.cancel')} onConfirm={() => void restore.run()}
      >
        <p>{t('restore.replace_text')}</p>
      </ConfirmDialog>
    </form>
  )
}
