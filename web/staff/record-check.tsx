import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../ui/button.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { ErrorNote } from '../ui/states.tsx'
import { useAction } from '../ui/use-request.ts'
import { recordLink, type RecordProof } from './record.ts'

/** Has the service go through the whole record and compare it with the chain, and says what it found. */
export function RecordCheck() {
  const { t } = useTranslation()
  const [proof, setProof] = useState<RecordProof>()
  const check = useAction(async () => {
    setProof(undefined)
    setProof(await deskApi.get<RecordProof>('/v1/audit/proof'))
  })
  return (
    <section className="record-check" aria-labelledby="record-check-title">
      <h2 id="record-check-title">{t('record.check.title')}</h2>
      <p className="soft">{t('record.check.text')}</p>
      <div className="actions"><Button isBusy={check.isRunning} onPress={() => void check.run()}>{t('record.check.action')}</Button></div>
      <ErrorNote error={check.error} />
      <div role="status">{proof !== undefined && <Finding proof={proof} />}</div>
    </section>
  )
}

function Finding({ proof: { acts, fault, latest_anchor: anchor } }: { proof: RecordProof }) {
  const { t, i18n } = useTranslation()
  const number = (value: number) => formatNumber(value, i18n.language)
  if (fault !== undefined) {
    return (
      <div className="note note-bad">
        <p><strong>{t('record.check.fault', { act: number(fault.act_id) })}</strong> {t(`record.check.kind.${fault.kind}`, { defaultValue: fault.kind })}</p>
        <p>{fault.proven_up_to === undefined ? t('record.check.none_proven') : t('record.check.proven', { act: number(fault.proven_up_to) })}</p>
        <div className="actions"><ButtonLink href={recordLink({ choice: 'all', before: String(fault.act_id + 1) })}>{t('record.check.show')}</ButtonLink></div>
      </div>
    )
  }
  return (
    <div className={anchor === undefined ? 'note note-wait' : 'note note-good'}>
      <p>
        <strong>{t('record.check.whole', { count: acts, acts: number(acts) })}</strong>{' '}
        {anchor === undefined ? t('record.check.not_anchored')
          : t('record.check.anchored', { act: number(anchor.act_id), at: formatMoment(anchor.anchored_at, i18n.language) })}
      </p>
      {anchor !== undefined && <p>{t('record.check.root')} <code className="record-root">{anchor.root}</code></p>}
    </div>
  )
}
