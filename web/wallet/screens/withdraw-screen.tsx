import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Decision } from '../../ui/decision.tsx'
import { Loading } from '../../ui/states.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction, useRequest } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { withdrawAmount } from '../points/purse.ts'
import { useWallet } from '../wallet-context.tsx'
import { ProgressBar } from './progress-bar.tsx'
import { WalletError, WalletErrorNote } from './wallet-error.tsx'

/** Moves points from the city's books into the wallet, as notes that nobody can follow. */
export function WithdrawScreen({ program }: { program: string }) {
  const { t } = useTranslation()
  const tools = useWallet()
  const [amount, setAmount] = useState<string>()
  const [progress, setProgress] = useState<{ done: number; all: number }>()
  const [moved, setMoved] = useState<number>()
  const account = useRequest(program, async () => {
    const cards = await tools.vault.list('card')
    for (const issuer of new Set(cards.map((card) => card.issuer))) {
      const found = (await tools.city.balance(issuer)).programs.find(({ program_id: id }) => id === program)
      if (found !== undefined) return { issuer, name: found.name, balance: found.balance }
    }
    return undefined
  })
  const move = useAction(async (points: number, issuer: string) => {
    try {
      await withdrawAmount({ issuer, program, amount: points, progress: (done, all) => setProgress({ done, all }) }, tools)
      setMoved(points)
    } finally {
      setProgress(undefined)
    }
  })

  if (moved !== undefined) {
    return (
      <>
        <Decision isScreen kind="yes" word={t('withdraw.done_word')}>{t('withdraw.done_text', { count: moved })}</Decision>
        <Button kind="primary" isWide onPress={() => goTo('points', { replace: true })}>{t('withdraw.to_points')}</Button>
      </>
    )
  }
  if (account.error !== undefined) return <WalletError error={account.error} onRetry={account.reload} />
  if (account.isLoading) return <Loading>{t('points.asking')}</Loading>
  if (account.data === undefined) return <p>{t('trouble.program_unknown.title')}</p>
  const { issuer, name, balance } = account.data
  const text = amount ?? String(balance)
  const points = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN
  const isPossible = points >= 1 && points <= balance
  return (
    <form
      className="stack" onSubmit={(event) => {
        event.preventDefault()
        if (isPossible) void move.run(points, issuer)
      }}
    >
      <h1>{t('withdraw.title')}</h1>
      <p className="soft">{t('withdraw.text')}</p>
      <TextField
        label={t('withdraw.amount', { name })} hint={t('withdraw.available', { count: balance })} value={text} onChange={setAmount}
        inputMode="numeric" isDisabled={move.isRunning}
        error={isPossible || text === '' ? undefined : t('withdraw.impossible', { count: balance })}
      />
      {progress !== undefined && <ProgressBar label={t('withdraw.progress')} {...progress} />}
      <WalletErrorNote error={move.error} />
      <Button kind="primary" type="submit" isWide isBusy={move.isRunning} isDisabled={!isPossible}>{t('withdraw.move')}</Button>
      <Button kind="quiet" onPress={() => goTo('points', { replace: true })}>{t('action.back')}</Button>
    </form>
  )
}
