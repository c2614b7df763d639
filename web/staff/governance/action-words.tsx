import { useTranslation } from 'react-i18next'
import { formatDuration, formatMoment } from '../../ui/desk/times.ts'
import { formatNumber } from '../../ui/format.ts'
import { suspensionReason } from '../../ui/suspension-reason.ts'
import { FaultNote } from './fault-note.tsx'
import type { Action } from './wire.ts'

/** Members of an action that are shown below its sentence, because no sentence should hold 40 digits. */
const details = ['did', 'service_url', 'controller', 'recovery', 'agreement_hash', 'dpia_hash', 'address', 'code_hash', 'program_id', 'statement_hash', 'data'] as const

type NameOf = (locode: string | undefined) => string

/** What a proposal does: one action as it is, several numbered, for they are carried out in their order. */
export function ActionList({ actions, nameOf }: { actions: readonly Action[]; nameOf: NameOf }) {
  const { t } = useTranslation()
  const [first, ...others] = actions
  // A city that is only being admitted has its name from there.
  const nameWithin: NameOf = (locode) => actions.find((action) => action.type === 'admit' && action.locode === locode)?.name ?? nameOf(locode)
  if (first === undefined) return null
  if (others.length === 0) return <ActionWords action={first} nameOf={nameOf} />
  return (
    <>
      <p>{t('governance.all_or_none', { count: actions.length })}</p>
      <ol className="governance-actions">
        {actions.map((action, index) => <li key={index}><ActionWords action={action} nameOf={nameWithin} /></li>)}
      </ol>
    </>
  )
}

/** What an action does, in a sentence, with addresses and hashes below it. */
export function ActionWords({ action, nameOf }: { action: Action; nameOf: NameOf }) {
  const { t, i18n } = useTranslation()
  const language = i18n.language
  const values = {
    city: action.type === 'admit' ? `${action.name ?? ''} (${action.locode ?? ''})` : nameOf(action.locode),
    name: action.name ?? '', until: formatMoment(action.until, language), units: formatNumber(action.units ?? 0, language),
    reason: action.reason === undefined ? '' : suspensionReason(t, action.reason),
    parameter: action.parameter === undefined ? '' : t(`governance.parameter.${action.parameter}`),
    value: action.parameter === 'quorum' ? `${formatNumber(action.value ?? 0, language)} %` : formatDuration(action.value ?? 0, language),
    contract: action.contract ?? '', support: action.support === undefined ? '' : t(`governance.support.${action.support}`),
  }
  if (action.actions !== undefined) return <ActionList actions={action.actions} nameOf={nameOf} />
  const shown = details.filter((name) => action[name] !== undefined)
  return (
    <div className="governance-action">
      <p className="governance-sentence">{t(`governance.words.${action.allowed === false ? `not_${action.type}` : action.type}`, { ...values, defaultValue: action.type })}</p>
      {shown.length > 0 && (
        <dl className="facts">
          {shown.map((name) => <div key={name}><dt>{t(name === 'controller' && action.type === 'offer_controller' ? 'governance.new_key' : `governance.field.${name}`)}</dt><dd><code>{action[name]}</code></dd></div>)}
        </dl>
      )}
      {action.fault !== undefined && <FaultNote fault={action.fault} />}
    </div>
  )
}
