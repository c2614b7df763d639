import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { listOf } from '../ui/desk/list-of.ts'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { useNotify } from '../ui/notices.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import type { Settlement } from './wire.ts'

/** What merchants have asked to be paid, and marking it as paid. */
export function SettlementsScreen() {
  const { t, i18n } = useTranslation()
  const { data, error, reload } = useRequest('settlements',
    async (signal) => listOf<Settlement>(await deskApi.get('/v1/settlements', { signal }), 'settlements'), { everyMs: 5000 })
  const [paying, setPaying] = useState<Settlement>()
  const iso = (moment: Settlement['paid_at']) => parseMoment(moment)?.toISOString() ?? ''
  return (
    <>
      <h1>{t('settlements.title')}</h1>
      <p className="lead">{t('settlements.lead')}</p>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && (
        <DataTable
          caption={t('settlements.table')} rows={data} rowKey={(row) => row.settlement_id} exportName="settlements"
          empty={<EmptyState title={t('settlements.none')}><p>{t('settlements.none_text')}</p></EmptyState>}
          columns={[
            { key: 'merchant', title: t('settlements.merchant'), cell: (row) => row.merchant_name ?? row.merchant_id, text: (row) => row.merchant_name ?? row.merchant_id ?? '' },
            { key: 'program', title: t('settlements.program'), cell: (row) => row.program_name ?? row.program_id, text: (row) => row.program_name ?? row.program_id },
            { key: 'units', title: t('settlements.units'), isNumber: true, cell: (row) => formatNumber(row.units, i18n.language), text: (row) => row.units },
            { key: 'requested', title: t('settlements.requested'), cell: (row) => formatMoment(row.requested_at, i18n.language), text: (row) => iso(row.requested_at) },
            {
              key: 'state', title: t('settlements.state'), text: (row) => row.state,
              cell: (row) => row.state === 'paid'
                ? <span className="badge badge-good"><span aria-hidden="true">●</span>{t('settlements.paid')}</span>
                : row.state === 'failed'
                  ? <span className="badge badge-bad"><span aria-hidden="true">✕</span>{t('settlements.failed')}</span>
                  : <span className="badge badge-wait"><span aria-hidden="true">▲</span>{t('settlements.requested_state')}</span>,
            },
            {
              key: 'reference', title: t('settlements.reference'), text: (row) => row.bank_reference ?? '',
              cell: (row) => row.state === 'paid'
                ? row.bank_reference ?? formatMoment(row.paid_at, i18n.language)
                : row.state === 'failed' ? '–' : <Button onPress={() => setPaying(row)} aria-label={t('settlements.mark_paid_of', { merchant: row.merchant_name ?? '', units: row.units })}>{t('settlements.mark_paid')}</Button>,
            },
          ]}
        />
      )}
      {paying !== undefined && <PaidDialog settlement={paying} onClose={() => setPaying(undefined)} onPaid={reload} />}
    </>
  )
}

function PaidDialog({ settlement, onClose, onPaid }: { settlement: Settlement; onClose(): void; onPaid(): void }) {
  const { t, i18n } = useTranslation()
  const notify = useNotify()
  const [reference, setReference] = useState('')
  const pay = useAction(async () => {
    await deskApi.post(`/v1/settlements/${settlement.settlement_id}/paid`, { bank_reference: reference.trim() }, { idempotent: true })
    notify(t('settlements.marked'), 'good')
    onPaid()
    onClose()
  })
  return (
    <Dialog title={t('settlements.mark_paid')} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reference.trim() !== '') void pay.run()
        }}
      >
        <p>{t('settlements.mark_text', { merchant: settlement.merchant_name ?? '', units: formatNumber(settlement.units, i18n.language) })}</p>
        <TextField label={t('settlements.reference')} hint={t('settlements.reference_hint')} value={reference} onChange={setReference} maxLength={70} autoComplete="off" />
        <p><strong>{t('settlements.final')}</strong></p>
        <ProblemNote error={pay.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={pay.isRunning} isDisabled={reference.trim() === ''}>{t('settlements.mark_paid')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
