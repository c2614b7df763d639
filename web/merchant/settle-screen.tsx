import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { useNotify } from '../ui/notices.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import { unitsUnderWay } from './orders.ts'
import { fetchMerchant, fetchSettlements } from './till-data.ts'
import type { Balance, Settlement } from './wire.ts'

/** What the merchant holds for each programme, and having the city pay it. */
export function SettleScreen() {
  const { t, i18n } = useTranslation()
  const merchant = useRequest('merchant', fetchMerchant, { everyMs: 5000 })
  const settlements = useRequest('settlements', fetchSettlements, { everyMs: 5000 })
  const [asking, setAsking] = useState<Balance>()
  const number = (value: number) => formatNumber(value, i18n.language)
  const iso = (moment: Settlement['paid_at']) => parseMoment(moment)?.toISOString() ?? ''
  const reload = () => {
    merchant.reload()
    settlements.reload()
  }
  const underWay = unitsUnderWay(settlements.data ?? [])

  return (
    <>
      <h1>{t('settle.title')}</h1>
      {merchant.data === undefined && (merchant.error === undefined ? <Loading /> : <ErrorState error={merchant.error} onRetry={reload} />)}
      {merchant.data !== undefined && (
        <section className="stack" aria-labelledby="balance-title">
          <h2 id="balance-title">{t('settle.balance')}</h2>
          {merchant.data.balances.length === 0 && (
            <EmptyState title={t('settle.no_balance')}><p>{t('settle.no_balance_text')}</p></EmptyState>
          )}
          <ul className="balances">
            {merchant.data.balances.map((balance) => (
              <li key={balance.program_id} className="panel" aria-label={balance.name}>
                <h3>{balance.name}</h3>
                <p className="big-number">{t('order.amount', { count: balance.units, points: number(balance.units) })}</p>
                <Button kind="primary" isDisabled={balance.units === 0} onPress={() => setAsking(balance)}
                  aria-label={t('settle.ask_of', { program: balance.name })}>{t('settle.ask')}</Button>
              </li>
            ))}
          </ul>
          {underWay > 0 && <p className="note note-wait">{t('settle.under_way', { count: underWay, points: number(underWay) })}</p>}
        </section>
      )}
      {settlements.data === undefined && settlements.error !== undefined && <ErrorState error={settlements.error} onRetry={reload} />}
      {settlements.data !== undefined && settlements.data.length > 0 && (
        <DataTable
          caption={t('settle.table')} rows={settlements.data} rowKey={(row) => row.settlement_id} exportName="settlements"
          columns={[
            { key: 'time', title: t('settle.time'), cell: (row) => formatMoment(row.requested_at, i18n.language), text: (row) => iso(row.requested_at) },
            { key: 'program', title: t('history.program'), cell: (row) => row.program_name ?? row.program_id, text: (row) => row.program_name ?? row.program_id },
            { key: 'units', title: t('history.points'), isNumber: true, cell: (row) => number(row.units), text: (row) => row.units },
            {
              key: 'state', title: t('history.state'), text: (row) => row.state,
              cell: (row) => row.state === 'paid'
                ? <span className="badge badge-good"><span aria-hidden="true">●</span>{t('settle.paid')}</span>
                : row.state === 'failed'
                  ? <span className="badge badge-bad"><span aria-hidden="true">✕</span>{t('settle.failed')}</span>
                  : <span className="badge badge-wait"><span aria-hidden="true">▲</span>{t('settle.requested')}</span>,
            },
            { key: 'reference', title: t('settle.reference'), cell: (row) => row.bank_reference ?? '–', text: (row) => row.bank_reference ?? '' },
          ]}
        />
      )}
      {asking !== undefined && <AskDialog balance={asking} onClose={() => setAsking(undefined)} onAsked={reload} />}
    </>
  )
}

function AskDialog({ balance, onClose, onAsked }: { balance: Balance; onClose(): void; onAsked(): void }) {
  const { t, i18n } = useTranslation()
  const notify = useNotify()
  const [units, setUnits] = useState(String(balance.units))
  const count = /^\d{1,9}$/.test(units.trim()) ? Number(units) : 0
  const isPossible = count > 0 && count <= balance.units
  const ask = useAction(async () => {
    await deskApi.post('/v1/settlements', { program_id: balance.program_id, units: count }, { idempotent: true })
    notify(t('settle.asked'), 'good')
    onAsked()
    onClose()
  })
  return (
    <Dialog title={t('settle.ask_of', { program: balance.name })} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isPossible) void ask.run()
        }}
      >
        <p>{t('settle.text')}</p>
        <TextField
          label={t('settle.units')} inputMode="numeric" value={units} onChange={setUnits} autoComplete="off"
          hint={t('settle.at_most', { count: balance.units, points: formatNumber(balance.units, i18n.language) })}
          error={isPossible ? undefined : t('settle.invalid', { points: formatNumber(balance.units, i18n.language) })}
        />
        <p><strong>{t('settle.final')}</strong></p>
        <ProblemNote error={ask.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={ask.isRunning} isDisabled={!isPossible}>{t('settle.ask')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
