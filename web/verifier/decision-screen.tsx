import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { CheckLine, Decision as DecisionSign } from '../ui/decision.tsx'
import { formatDay, formatDuration, formatMoment } from '../ui/desk/times.ts'
import { formatCardNumber, formatNumber } from '../ui/format.ts'
import { suspensionReason } from '../ui/suspension-reason.ts'
import { claimLabel } from './claim-label.ts'
import { checkKey, outcomeOf, portraitOf, reasonKey, shownClaims, suspendedIssuer } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Question } from './question.ts'
import { useMemberCities } from './use-member-cities.ts'
import type { Check, Decision } from './wire.ts'

/** The decision as a word, a colour and a shape; why; what was shown; and how fresh the knowledge behind it is. */
export function DecisionScreen({ question, decision, onNext }: { question: Question; decision: Decision; onNext(): void }) {
  const { t, i18n } = useTranslation()
  const cities = useMemberCities()
  const cityName = (locode: string) => cities.find((city) => city.locode === locode)?.name ?? locode
  const outcome = outcomeOf(decision, question.conditions)
  const suspended = suspendedIssuer(outcome, decision, cities)
  const isGood = outcome.verdict === 'accepted'
  const portrait = portraitOf(decision.claims)
  const claims = outcome.verdict === 'refused' ? [] : shownClaims(decision.claims)

  return (
    <>
      <h1 className="visually-hidden">{t('decision.title')}</h1>
      <DecisionSign kind={isGood ? 'yes' : 'no'} word={t(`decision.${outcome.verdict}`)}>
        {reasonsOf(outcome, t, cityName).map((reason) => <p key={reason}>{reason}</p>)}
        {suspended?.suspension_reason !== undefined && (
          <p>{t('decision.suspended_why', { date: formatMoment(suspended.suspended_until, i18n.language), reason: suspensionReason(t, suspended.suspension_reason) })}</p>
        )}
      </DecisionSign>
      <Button kind="primary" isWide onPress={onNext} autoFocus>{t('decision.next')}</Button>

      {(claims.length > 0 || (portrait !== undefined && outcome.verdict !== 'refused')) && (
        <section className="panel" aria-labelledby="claims-title">
          <h2 id="claims-title">{t('decision.claims')}</h2>
          {portrait !== undefined && <img className="claim-portrait" src={portrait} alt={t('claim.portrait')} />}
          <dl className="facts">
            {claims.map(([name, value]) => [
              <dt key={`${name}/name`}>{claimLabel(name, t)}</dt>,
              <dd key={name}>{typeof value === 'boolean'
                ? <CheckLine kind={value ? 'yes' : 'no'}>{t(value ? 'decision.yes' : 'decision.no')}</CheckLine>
                : claimText(name, String(value), i18n.language, cityName)}</dd>,
            ])}
          </dl>
          <p className="field-hint">{t('decision.not_kept')}</p>
        </section>
      )}

      <section className="panel" aria-labelledby="checks-title">
        <h2 id="checks-title">{t('decision.checks')}</h2>
        <ol className="things check-list">
          {decision.checks.map((check) => <li key={check.check}><CheckRow check={check} /></li>)}
        </ol>
        <dl className="facts">
          {decision.issuer && [
            <dt key="issuer/name">{t('decision.issuer')}</dt>,
            <dd key="issuer">{`${decision.issuer.name} (${decision.issuer.locode})`}</dd>,
          ]}
          {decision.status && [
            <dt key="status/name">{t('decision.status')}</dt>,
            <dd key="status">{t('decision.status_text', {
              epoch: formatNumber(decision.status.epoch, i18n.language),
              age: formatDuration(Math.max(0, decision.status.age_seconds), i18n.language),
            })}</dd>,
          ]}
        </dl>
      </section>
    </>
  )
}

function CheckRow({ check }: { check: Check }) {
  const { t } = useTranslation()
  const kind = check.outcome === 'passed' ? 'yes' : check.outcome === 'failed' ? 'no' : 'wait'
  return (
    <CheckLine kind={kind}>
      <strong>{t(checkKey(check.check))}</strong>{t('colon')} {t(`check_outcome.${check.outcome}`)}
      {check.outcome === 'failed' && (
        <span className="check-reason">{t(reasonKey(check.code))}{check.code && <code className="soft"> {check.code}</code>}</span>
      )}
    </CheckLine>
  )
}

function reasonsOf(outcome: Outcome, t: TFunction, cityName: (locode: string) => string): readonly string[] {
  if (outcome.verdict === 'accepted') return [t('decision.accepted_text')]
  if (outcome.verdict === 'refused') {
    return outcome.failed.length === 0 ? [t('reason.other')] : [...new Set(outcome.failed.map((check) => t(reasonKey(check.code))))]
  }
  return [
    t('decision.card_is_good'),
    ...outcome.unmet.map((condition) => condition.kind === 'age'
      ? t('decision.too_young', { age: condition.age })
      : t('decision.other_city', { city: cityName(condition.locode) })),
  ]
}

function claimText(name: string, value: string, language: string, cityName: (locode: string) => string): string {
  if (name === 'city') return cityName(value)
  if (name === 'card_number') return formatCardNumber(value)
  return name.endsWith('_date') ? formatDay(value, language) || value : value
}
