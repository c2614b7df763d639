import { useTranslation } from 'react-i18next'
import type { Fault, PlacedFault } from './wire.ts'

/** What is wrong with an action that somebody proposed past every form: what to do first, what exactly last. */
export function FaultNote({ fault, position }: { fault: Fault; position?: number | undefined }) {
  const { t, i18n } = useTranslation()
  const key = `refusal.${fault.code}`
  return (
    <div className="note note-bad governance-fault">
      <p><strong>{position === undefined ? t('governance.fault.title') : t('governance.fault.title_of', { number: position + 1 })}</strong></p>
      {i18n.exists(key) ? <p>{t(key)}</p> : <p lang="en">{fault.advice}</p>}
      <p className="state-code">{t('governance.in_detail')} <code lang="en">{fault.detail}</code></p>
    </div>
  )
}

/** All faults of a proposal, each with the number of its action. */
export function FaultNotes({ faults }: { faults: readonly PlacedFault[] }) {
  return <>{faults.map((fault) => <FaultNote key={fault.position} fault={fault} position={fault.position} />)}</>
}
