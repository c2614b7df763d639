import { useCallback, useState } from 'react'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../ui/button.tsx'
import { CityCard } from '../ui/city-card.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatDay, parseMoment } from '../ui/desk/times.ts'
import { ErrorNote, ErrorState, Loading } from '../ui/states.tsx'
import { useCity } from '../ui/use-city.ts'
import { useAction, useRequest } from '../ui/use-request.ts'
import { canOffer, sortCards } from './card-actions.ts'
import { CardList } from './card-list.tsx'
import { OfferPanel } from './offer-panel.tsx'
import type { OpenOffer } from './offer-panel.tsx'
import { PointsSection } from './points-section.tsx'
import { recordLink } from './record.ts'
import type { Card, Offer, Resident } from './wire.ts'

interface ResidentScreenProps {
  readonly residentId: string
  readonly offer: OpenOffer | undefined
  onOffer(offer: OpenOffer | undefined): void
  readonly mayAudit: boolean
}

/** A resident: the card as it stands, the one next thing to do, then cards and points. */
export function ResidentScreen({ residentId, offer, onOffer, mayAudit }: ResidentScreenProps) {
  const { t, i18n } = useTranslation()
  const city = useCity()
  const path = `/v1/residents/${encodeURIComponent(residentId)}`
  const { data: resident, error, reload } = useRequest(path, (signal) => deskApi.get<Resident>(path, { signal }), { everyMs: 5000 })
  const [portraitMissing, setPortraitMissing] = useState(false)
  const portrait = `${path}/portrait`
  const createOffer = useAction(async () => {
    const created = await deskApi.post<Offer>(`${path}/offers`, {}, { idempotent: true })
    onOffer({ offer: created, isReplacement: false })
  })
  const closeOffer = useCallback(() => {
    onOffer(undefined)
    reload()
  }, [onOffer, reload])

  if (resident === undefined) {
    return error === undefined ? <Loading /> : (
      <>
        <h1>{t('resident.title')}</h1>
        <ErrorState error={error} onRetry={reload} />
        <p><a href="#/">{t('resident.back')}</a></p>
      </>
    )
  }
  const cards = sortCards(resident.cards ?? [])
  const current = cards[0]
  return (
    <>
      <p className="desk-back"><a href="#/">{t('resident.back')}</a></p>
      <div className="resident-head">
        <CityCard
          givenName={resident.given_name} familyName={resident.family_name} cityName={city.data?.name ?? ''}
          portrait={portraitMissing ? undefined : portrait} cardNumber={current?.card_number}
          expiryDate={isoDay(current)} notice={noticeOf(current, t)}
        />
        <div className="stack">
          <h1>{resident.given_name} {resident.family_name}</h1>
          <p className="lead">{t('person.born', { date: formatDay(resident.birth_date, i18n.language) })}</p>
          {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
          {offer === undefined && canOffer(cards) && (
            <>
              <p>{t(cards.length === 0 ? 'resident.first_offer' : 'resident.next_offer')}</p>
              <Button kind="primary" isBusy={createOffer.isRunning} onPress={() => void createOffer.run()}>{t('offer.create')}</Button>
            </>
          )}
          <ErrorNote error={createOffer.error} />
        </div>
      </div>
      {!portraitMissing && <img className="visually-hidden" src={portrait} alt="" onError={() => setPortraitMissing(true)} />}
      {offer !== undefined && (
        <OfferPanel
          key={offer.offer.offer_id} {...offer} onClose={closeOffer} onIssued={reload} onNewOffer={() => void createOffer.run()}
        />
      )}
      <CardList cards={cards} epochSeconds={epochSecondsOf(city.data)} onChanged={reload}
        onReissued={(reissue) => onOffer({ offer: reissue, isReplacement: true })} />
      <PointsSection resident={resident} onChanged={reload} />
      {mayAudit && <p className="desk-aside"><ButtonLink href={recordLink({ choice: 'all', residentId })}>{t('resident.record')}</ButtonLink></p>}
    </>
  )
}

function epochSecondsOf(city: object | undefined): number | undefined {
  const seconds = (city as { status_epoch_seconds?: unknown } | undefined)?.status_epoch_seconds
  return typeof seconds === 'number' ? seconds : undefined
}

function isoDay(card: Card | undefined): string | undefined {
  return parseMoment(card?.expires_on)?.toISOString().slice(0, 10)
}

function noticeOf(card: Card | undefined, t: TFunction): string | undefined {
  if (card === undefined) return t('resident.no_card')
  return card.state === 'active' ? undefined : t(`card_state.${card.state}`)
}
