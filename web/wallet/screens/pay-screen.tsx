import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Decision } from '../../ui/decision.tsx'
import { formatMoment, formatNumber } from '../../ui/format.ts'
import { Loading } from '../../ui/states.tsx'
import { useAction, useRequest } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import type { Order, OrderState } from '../points/order.ts'
import { followPayment, payOrder, planOrder } from '../points/pay.ts'
import type { PaymentChoice } from '../points/pay.ts'
import { useWallet } from '../wallet-context.tsx'
import { ProgressBar } from './progress-bar.tsx'
import { WalletError, WalletErrorNote } from './wallet-error.tsx'

/** A merchant asks for points: to whom, how many, and a single button. */
export function PayScreen({ orderUrl }: { orderUrl: string }) {
  const { t, i18n } = useTranslation()
  const tools = useWallet()
  const [progress, setProgress] = useState<{ done: number; all: number }>()
  const [state, setState] = useState<OrderState>()
  const opened = useRequest(orderUrl, async () => {
    const order = await tools.orders.read(orderUrl)
    const mine = await tools.vault.find('payment', order.orderId)
    const event = await tools.vault.find('event', order.orderId)
    const choice = order.state === 'open' && mine === undefined ? await planOrder(order, tools) : undefined
    if (mine !== undefined) setState(await followPayment(mine.id, tools))
    else if (event?.kind === 'paid') setState('paid')
    return { order, choice }
  })
  const pay = useAction(async (order: Order) => {
    try {
      setState(await payOrder(order, tools, (done, all) => setProgress({ done, all })))
    } finally {
      setProgress(undefined)
    }
  })
  const order = opened.data?.order
  const isWaiting = order !== undefined && (state === 'paying' || state === 'open')
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => {
      void followPayment(order.orderId, tools).then(setState, () => {})
    }, 1500)
    return () => clearInterval(timer)
  }, [isWaiting, order?.orderId, tools])

  if (opened.error !== undefined) return <WalletError error={opened.error} onRetry={opened.reload} />
  if (opened.data === undefined || order === undefined) return <Loading>{t('pay.loading')}</Loading>
  if (state !== undefined) return <PaymentResult order={order} state={state} />
  if (opened.data.choice === undefined) return <Closed order={order} />
  const { plan } = opened.data.choice
  const isPayable = plan.kind === 'exact' || plan.kind === 'withdraw'
  return (
    <>
      <h1>{t('pay.title')}</h1>
      <section className="panel">
        <div className="wallet-asker"><span className="soft">{t('pay.to')}</span><span className="wallet-asker-name">{order.merchantName}</span></div>
        <div className="wallet-asker">
          <span className="soft">{order.programName}</span>
          <span className="big-number">{t('pay.points', { count: order.points, formatted: formatNumber(order.points, i18n.language) })}</span>
        </div>
        <p className="soft">{t('pay.until', { time: formatMoment(order.payableUntilSeconds * 1000, i18n.language) })}</p>
      </section>
      <PlanNote choice={opened.data.choice} />
      {progress !== undefined && <ProgressBar label={t('withdraw.progress')} {...progress} />}
      <WalletErrorNote error={pay.error} />
      {isPayable && (
        <Button kind="primary" isWide isBusy={pay.isRunning} onPress={() => void pay.run(order)}>
          {pay.error === undefined ? t('pay.pay', { count: order.points }) : t('action.try_again')}
        </Button>
      )}
      <Button kind="quiet" isDisabled={pay.isRunning} onPress={() => goTo('points', { replace: true })}>{t('action.cancel')}</Button>
      <p className="soft">{t('pay.privacy')}</p>
    </>
  )
}

function PlanNote({ choice: { plan, held, balance } }: { choice: PaymentChoice }) {
  const { t } = useTranslation()
  switch (plan.kind) {
    case 'exact': return <p className="soft">{t('pay.from_wallet', { count: held })}</p>
    case 'withdraw': return <p className="note">{t('pay.withdraw_first', { count: balance })}</p>
    case 'insufficient': return <p className="note note-bad" role="alert">{t('pay.insufficient', { count: plan.missing, have: held + balance })}</p>
    case 'no-exact-sum': return (
      <p className="note note-wait" role="alert">
        {t('pay.no_exact_sum')}{' '}
        {plan.payableBelow > 0 && t('pay.payable_below', { count: plan.payableBelow })}{' '}
        {plan.payableAbove !== undefined && t('pay.payable_above', { count: plan.payableAbove })}
      </p>
    )
  }
}

function PaymentResult({ order, state }: { order: Order; state: OrderState }) {
  const { t } = useTranslation()
  const toPoints = <Button kind="primary" isWide onPress={() => goTo('points', { replace: true })}>{t('withdraw.to_points')}</Button>
  if (state === 'paid' || state === 'settled') {
    return <><Decision isScreen kind="yes" word={t('pay.done_word')}>{t('pay.done_text', { count: order.points, who: order.merchantName })}</Decision>{toPoints}</>
  }
  if (state === 'paying' || state === 'open') {
    return <><Decision isScreen kind="wait" word={t('pay.wait_word')}>{t('pay.wait_text', { who: order.merchantName })}</Decision>{toPoints}</>
  }
  return <><Decision isScreen kind="no" word={t('pay.failed_word')}>{t('pay.failed_text')}</Decision>{toPoints}</>
}

function Closed({ order }: { order: Order }) {
  const { t } = useTranslation()
  return (
    <>
      <Decision isScreen kind="no" word={t('pay.closed_word')}>{t(order.state === 'expired' ? 'pay.closed_expired' : 'pay.closed_text')}</Decision>
      <Button kind="primary" isWide onPress={() => goTo('scan', { replace: true })}>{t('pay.scan_again')}</Button>
    </>
  )
}
