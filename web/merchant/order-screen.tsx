import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { Decision } from '../ui/decision.tsx'
import type { DecisionKind } from '../ui/decision.tsx'
import { CodePanel } from '../ui/desk/code-panel.tsx'
import { Countdown } from '../ui/desk/countdown.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { useNow } from '../ui/desk/use-now.ts'
import { formatNumber } from '../ui/format.ts'
import { useAction, useRequest } from '../ui/use-request.ts'
import type { OpenOrder } from './app.tsx'
import { faceOf } from './orders.ts'
import type { OrderFace } from './orders.ts'
import { createOrder } from './till-data.ts'
import type { Order } from './wire.ts'

interface OrderScreenProps {
  readonly order: OpenOrder
  onOrder(order: OpenOrder): void
  onDone(): void
}

const signs: Readonly<Partial<Record<OrderFace, DecisionKind>>> = { 'paid': 'yes', 'expired': 'wait', 'spent-twice': 'no', 'failed': 'no' }

/** One payment from its code to its end. Only "Paid" means that the points are the merchant's. */
export function OrderScreen({ order, onOrder, onDone }: OrderScreenProps) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const { created, points } = order
  const path = `/v1/orders/${created.order_id}`
  const { data, error } = useRequest(path, (signal) => deskApi.get<Order>(path, { signal }), { everyMs: 1000 })
  const again = useAction(async () => onOrder(await createOrder(order.programId, points)))
  const face = faceOf(data ?? { state: 'open', expires_at: created.expires_at }, now)
  const amount = t('order.amount', { count: points, points: formatNumber(points, i18n.language) })
  const sign = signs[face]

  if (sign !== undefined) {
    return (
      <>
        <h1>{amount}</h1>
        <Decision kind={sign} word={t(`order.${face}`)}><p>{t(`order.${face}_text`, { amount })}</p></Decision>
        <ProblemNote error={again.error} />
        <div className="actions">
          {face !== 'paid' && (
            <Button kind="primary" isBusy={again.isRunning} onPress={() => void again.run()}>{t('order.again')}</Button>
          )}
          <Button kind={face === 'paid' ? 'primary' : 'quiet'} onPress={onDone}>{t('order.next')}</Button>
        </div>
      </>
    )
  }
  return (
    <>
      <div className="row-spread">
        <h1>{amount}</h1>
        <Countdown until={created.expires_at} />
      </div>
      <section className="panel" aria-label={t('order.title')}>
        <p className={face === 'paying' ? 'note note-wait' : 'note'} role="status">{t(`order.${face}`)}</p>
        {face === 'paying'
          ? <p className="state"><span className="pulse" aria-hidden="true" />{t('order.paying_text')}</p>
          : <CodePanel label={t('order.scan')} walletLink={created.pay_link} />}
        {error !== undefined && <p className="note note-wait" role="status">{t('order.unreachable')}</p>}
      </section>
      {face === 'waiting' && (
        <div className="actions"><Button kind="quiet" onPress={onDone}>{t('order.cancel')}</Button></div>
      )}
    </>
  )
}
