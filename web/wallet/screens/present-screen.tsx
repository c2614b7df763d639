import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProtocolError } from '../../../agent/protocols/errors.ts'
import { Button } from '../../ui/button.tsx'
import { Decision } from '../../ui/decision.tsx'
import { formatDate } from '../../ui/format.ts'
import { Select } from '../../ui/select.tsx'
import { Loading } from '../../ui/states.tsx'
import { useAction, useRequest } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { listClaims, listKeptClaims } from '../cards/claim-order.ts'
import { findMemberCity } from '../cards/federation.ts'
import { readSuspendedIssuers } from '../cards/issuer-standing.ts'
import { copiesLeft, openRequest, preparePresentation, refuseRequest, sendPresentation } from '../cards/present-card.ts'
import type { OpenedRequest, PreparedPresentation, PresentationChoice } from '../cards/present-card.ts'
import { useStored, useWallet } from '../wallet-context.tsx'
import { ClaimName, ClaimValue } from './claim-value.tsx'
import { IssuerLine } from './issuer-line.tsx'
import { WalletError, WalletErrorNote } from './wallet-error.tsx'

/** Somebody asks: who, what for, what they will be told and what not; then the holder decides. */
export function PresentScreen({ link }: { link: string }) {
  const { t } = useTranslation()
  const tools = useWallet()
  const opened = useRequest(link, async () => {
    const request = await openRequest(link, tools)
    return { ...request, city: findMemberCity(request.origin, await tools.vault.list('trustList')) }
  })
  const [chosen, setChosen] = useState(0)
  const [prepared, setPrepared] = useState<PreparedPresentation>()
  const [result, setResult] = useState<{ copies: number; redirectUri?: string | undefined }>()
  const [isRefused, setRefused] = useState(false)
  const share = useAction(async (request: OpenedRequest, choice: PresentationChoice, verifierName: string | undefined) => {
    const presentation = prepared ?? await preparePresentation(request, choice, tools, verifierName)
    setPrepared(presentation)
    const { redirectUri } = await sendPresentation(presentation, tools)
    setResult({ copies: presentation.copiesLeft, redirectUri })
  })

  if (isRefused) {
    return (
      <>
        <Decision isScreen kind="no" word={t('present.refused_word')}>{t('present.refused_text')}</Decision>
        <Button kind="primary" isWide onPress={() => goTo('/', { replace: true })}>{t('receive.to_card')}</Button>
      </>
    )
  }
  if (opened.error !== undefined) return <><WalletError error={opened.error} onRetry={opened.reload} />{isUnanswered(opened.error) && <SuspendedIssuers />}</>
  if (opened.data === undefined) return <Loading>{t('present.loading')}</Loading>
  const { request, origin, choices, city } = opened.data
  const choice = choices[chosen]
  if (choice === undefined) return <Loading />
  // A member is called what the registry calls it, whatever it calls itself.
  const asker = city === undefined ? new URL(origin).host : city.name
  if (result !== undefined) {
    return (
      <>
        <Decision isScreen kind="yes" word={t('present.done_word')}>
          <p>{t('present.done_text', { asker })}</p>
          <p>{t('card_screen.copies', { count: result.copies })}</p>
        </Decision>
        {result.redirectUri !== undefined && <a className="button button-primary button-wide" href={result.redirectUri}>{t('present.go_back', { asker })}</a>}
        <Button kind={result.redirectUri === undefined ? 'primary' : 'quiet'} isWide onPress={() => goTo('/', { replace: true })}>{t('receive.to_card')}</Button>
      </>
    )
  }
  return (
    <>
      <h1>{t('present.title')}</h1>
      <section className="panel">
        <div className="wallet-asker">
          <span className="soft">{t('present.who')}</span>
          <span className="wallet-asker-name">{asker}</span>
          {city === undefined
            ? <span className="note note-wait">{t('present.unknown_asker', { name: request.clientName ?? '—' })}</span>
            : <span className="soft">{t('present.known_asker', { code: city.locode, address: new URL(origin).host })}</span>}
        </div>
        <div className="wallet-asker">
          <span className="soft">{t('present.purpose')}</span>
          <span>{request.purpose ?? t('present.no_purpose')}</span>
        </div>
      </section>
      {choices.length > 1 && (
        <Select
          label={t('present.which_card')} value={String(chosen)} onChange={(value) => setChosen(Number(value))}
          options={choices.map(({ card }, i) => ({ value: String(i), label: `${String(card.claims['given_name'])} ${String(card.claims['family_name'])} · ${card.issuerName}` }))}
        />
      )}
      <Told choice={choice} />
      {copiesLeft(choice.card) === 0 && <p className="note note-wait">{t('present.last_copy')}</p>}
      <WalletErrorNote error={share.error} />
      <div className="stack">
        <Button kind="primary" isWide isBusy={share.isRunning} onPress={() => void share.run(opened.data as OpenedRequest, choice, city?.name)}>
          {share.error === undefined ? t('present.share') : t('action.try_again')}
        </Button>
        <Button
          isWide isDisabled={share.isRunning} onPress={() => {
            setRefused(true)
            void refuseRequest(request, tools)
          }}
        >
          {t('present.refuse')}
        </Button>
      </div>
    </>
  )
}

const isUnanswered = (error: unknown): boolean => error instanceof ProtocolError && error.code === 'ERR_NO_MATCHING_CREDENTIAL'

/** Why no card is asked for that is here: what the person cannot know from the request. */
function SuspendedIssuers() {
  const standings = useStored(readSuspendedIssuers) ?? []
  return standings.map((standing) => <IssuerLine key={standing.city} standing={standing} />)
}

function Told({ choice: { card, claims } }: { choice: PresentationChoice }) {
  const { t, i18n } = useTranslation()
  const told = listClaims(claims)
  const kept = listKeptClaims(Object.keys(card.claims), told)
  const day = (seconds: unknown) => typeof seconds === 'number' ? formatDate(new Date(seconds * 1000).toISOString(), i18n.language) : undefined
  const days = [day(card.claims['iat']), day(card.claims['exp'])].filter((text) => text !== undefined)
  return (
    <>
      <section className="stack">
        <h2>{t('present.told')}</h2>
        <ul className="wallet-told wallet-told-yes">
          {told.map((claim) => (
            <li key={claim}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Z" /><circle cx="12" cy="12" r="3" /></svg>
              <span><ClaimName claim={claim} /><strong><ClaimValue claim={claim} value={card.claims[claim]} /></strong></span>
            </li>
          ))}
          <li>
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12Z" /><circle cx="12" cy="12" r="3" /></svg>
            <span>{t('present.told_always')}<strong>{card.issuerName}{days.length > 0 && `, ${days.join(' – ')}`}</strong></span>
          </li>
        </ul>
      </section>
      <section className="stack">
        <h2>{t('present.kept')}</h2>
        <ul className="wallet-told wallet-told-no">
          {kept.map((claim) => (
            <li key={claim}>
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m4 4 16 16M9.500 6c5-1.700 9.300 1.700 12 6-.7 1.100-1.500 2.200-2.500 3M15 17.700C9.500 19.700 5.200 16.400 2.500 12c.8-1.400 1.900-2.700 3.200-3.800" /></svg>
              <span>{claim === 'ages' ? t('present.kept_ages') : <ClaimName claim={claim} />}</span>
            </li>
          ))}
        </ul>
        <p className="soft">{t('present.kept_note', { city: card.issuerName })}</p>
      </section>
    </>
  )
}
