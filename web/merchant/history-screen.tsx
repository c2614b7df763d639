import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { formatNumber } from '../ui/format.ts'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { useRequest } from '../ui/use-request.ts'
import { faceOf, takingsOfToday } from './orders.ts'
import type { OrderFace } from './orders.ts'
import { fetchOrders } from './till-data.ts'
import type { Order } from './wire.ts'

const looks: Readonly<Record<OrderFace, readonly [className: string, mark: string]>> = {
  'paid': ['badge badge-good', '●'],
  'paying': ['badge badge-wait', '▲'],
  'waiting': ['badge', '◌'],
  'expired': ['badge', '○'],
  'spent-twice': ['badge badge-bad', '✕'],
  'failed': ['badge badge-bad', '✕'],
}

/** Today's takings and every order, to look at and to take away. */
export function HistoryScreen() {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const { data, error, reload } = useRequest('orders', fetchOrders, { everyMs: 5000 })
  const today = takingsOfToday(data ?? [], now)
  const timeOf = (order: Order) => order.paid_at ?? order.created_at ?? order.deadline
  return (
    <>
      <h1>{t('history.title')}</h1>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && (
        <>
          {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
          <section className="panel" aria-labelledby="today-title">
            <h2 id="today-title">{t('history.today')}</h2>
            <p className="big-number">{t('order.amount', { count: today.points, points: formatNumber(today.points, i18n.language) })}</p>
            <p className="soft">{t('history.payments', { count: today.payments })}</p>
          </section>
          <DataTable
            caption={t('history.table')} rows={data} rowKey={(row) => row.order_id} exportName="payments"
            empty={<EmptyState title={t('history.none')} action={<ButtonLink kind="primary" href="#/">{t('history.first')}</ButtonLink>} />}
            columns={[
              { key: 'time', title: t('history.time'), cell: (row) => formatMoment(timeOf(row), i18n.language), text: (row) => parseMoment(timeOf(row))?.toISOString() ?? '' },
              { key: 'points', title: t('history.points'), isNumber: true, cell: (row) => formatNumber(row.points, i18n.language), text: (row) => row.points },
              { key: 'program', title: t('history.program'), cell: (row) => row.program_name ?? row.program_id, text: (row) => row.program_name ?? row.program_id },
              {
                key: 'state', title: t('history.state'), text: (row) => row.state,
                cell: (row) => {
                  const face = faceOf(row, now)
                  const [className, mark] = looks[face]
                  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`history.face_${face}`)}</span>
                },
              },
              { key: 'order', title: t('history.order'), cell: (row) => <code title={row.order_id}>{row.order_id.slice(0, 10)}…</code>, text: (row) => row.order_id },
            ]}
          />
        </>
      )}
    </>
  )
}
