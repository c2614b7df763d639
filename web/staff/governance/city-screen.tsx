import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Countdown } from '../../ui/desk/countdown.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { formatMoment, parseMoment } from '../../ui/desk/times.ts'
import { useNow } from '../../ui/desk/use-now.ts'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { suspensionReason } from '../../ui/suspension-reason.ts'
import { useCity } from '../../ui/use-city.ts'
import { useRequest, type RequestState } from '../../ui/use-request.ts'
import { CityActionDialog, type CityActionType } from './city-action-dialog.tsx'
import { useMembers } from './use-members.ts'
import type { Control, Draft, Member } from './wire.ts'

/** The city itself among the others: its standing, an appeal where it is suspended, and the key that acts for it. */
export function CityScreen({ drafts }: { drafts: RequestState<readonly Draft[]> }) {
  const { t, i18n } = useTranslation()
  const city = useCity()
  const members = useMembers()
  const control = useRequest('governance-control', (signal) => deskApi.get<Control>('/v1/governance/control', { signal }), { everyMs: 4000 })
  const [asked, setAsked] = useState<CityActionType>()
  const own = members.data?.find((member) => member.locode === city.data?.locode)
  const error = members.error ?? control.error
  if (members.data === undefined || control.data === undefined) {
    const retry = () => { members.reload(); control.reload() }
    return error === undefined ? <Loading /> : <><h1>{t('governance.section.city')}</h1><ErrorState error={error} onRetry={retry} /></>
  }
  if (own === undefined) return <><h1>{t('governance.section.city')}</h1><p className="note note-wait">{t('governance.not_member')}</p></>
  const open = (type: CityActionType): Draft | undefined =>
    drafts.data?.find((draft) => draft.action.type === type && (draft.state === 'draft' || draft.state === 'approved'))
  const offerAction = (type: CityActionType, kind: 'primary' | 'secondary' = 'primary') => {
    const draft = open(type)
    return draft === undefined
      ? <div className="actions"><Button kind={kind} onPress={() => setAsked(type)}>{t(`governance.kind.${type}`)}</Button></div>
      : <p className="note"><a href={`#/federation/drafts/${draft.draft_id}`}>{t('governance.already_drafted')}</a></p>
  }
  const isOurs = own.controller.toLowerCase() === control.data.controller.toLowerCase()
  const isActing = own.status === 'active' && isOurs
  return (
    <>
      <h1>{own.name}</h1>
      {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      <section className="panel stack">
        <h2>{t('governance.standing')}</h2>
        <p>{t(`governance.standing_text.${own.status}`)}</p>
        {own.suspension !== undefined && (
          <dl className="facts">
            <div><dt>{t('governance.field.reason')}</dt><dd>{suspensionReason(t, own.suspension.reason)}</dd></div>
            <div><dt>{t('governance.field.until')}</dt><dd>{formatMoment(own.suspension.until, i18n.language)}</dd></div>
          </dl>
        )}
        {own.appeal !== undefined && <p>{t('governance.appealed', { date: formatMoment(own.appeal.appealed.at, i18n.language) })}</p>}
        {own.status === 'suspended' && own.appeal === undefined && offerAction('appeal')}
      </section>
      <section className="panel stack">
        <h2>{t('governance.key_title')}</h2>
        <p>{t('governance.key_text')}</p>
        <dl className="facts">
          <div><dt>{t('governance.field.controller')}</dt><dd><code>{own.controller}</code></dd></div>
          <div><dt>{t('governance.field.recovery')}</dt><dd><code>{own.recovery}</code></dd></div>
        </dl>
        {!isOurs && !control.data.handing_over && <p className="note note-bad">{t('governance.key_elsewhere')}</p>}
        {control.data.handing_over && <p className="note note-wait" role="status">{t('governance.handing_over')}</p>}
        {own.offer === undefined ? isActing && offerAction('offer_controller') : <Offer own={own} control={control.data} action={offerAction('accept_controller')} />}
      </section>
      {isActing && (
        <section className="panel stack">
          <h2>{t('governance.kind.share_program')}</h2>
          <p>{t('governance.kind_text.share_program')}</p>
          {offerAction('share_program', 'secondary')}
        </section>
      )}
      {asked !== undefined && <CityActionDialog type={asked} onClose={() => setAsked(undefined)} onDrafted={drafts.reload} city={own} />}
    </>
  )
}

function Offer({ own, control, action }: { own: Member; control: Control; action: ReactNode }) {
  const { t } = useTranslation()
  const now = useNow()
  const offer = own.offer
  if (offer === undefined) return null
  const isOurs = offer.account.toLowerCase() === control.next?.toLowerCase()
  const isDue = (parseMoment(offer.acceptable_from)?.getTime() ?? Infinity) <= now
  return (
    <div className="note stack">
      <p><strong>{t(isOurs ? 'governance.offer_ours' : 'governance.offer_elsewhere')}</strong></p>
      <p><code>{offer.account}</code></p>
      <p>{t('governance.veto')}</p>
      {!isDue && <Countdown until={offer.acceptable_from} />}
      {isOurs && isDue && action}
    </div>
  )
}
