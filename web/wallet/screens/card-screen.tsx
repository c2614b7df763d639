import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { EmptyState, Loading } from '../../ui/states.tsx'
import { listClaims } from '../cards/claim-order.ts'
import { readCardsWithStanding } from '../cards/issuer-standing.ts'
import type { IssuerStanding } from '../cards/issuer-standing.ts'
import { copiesLeft } from '../cards/present-card.ts'
import type { CardRecord } from '../vault/records.ts'
import { useStored, useWallet } from '../wallet-context.tsx'
import { ClaimName, ClaimValue } from './claim-value.tsx'
import { IssuerLine } from './issuer-line.tsx'
import { WalletCard } from './wallet-card.tsx'

/** The first screen: the card. */
export function CardScreen() {
  const { t } = useTranslation()
  const cards = useStored(readCardsWithStanding)
  if (cards === undefined) return <Loading />
  if (cards.length === 0) {
    return (
      <EmptyState isScreen title={t('card_screen.empty_title')} action={<ButtonLink kind="primary" href="#/scan">{t('card_screen.receive')}</ButtonLink>}>
        <p>{t('card_screen.empty_text')}</p>
        <p><a href="#/restore">{t('card_screen.restore')}</a></p>
      </EmptyState>
    )
  }
  return (
    <>
      <h1 className="visually-hidden">{t('card_screen.title', { count: cards.length })}</h1>
      <div className="wallet-cards">{cards.map(({ card, standing }, i) => <OneCard key={card.id} card={card} standing={standing} isFirst={i === 0} />)}</div>
    </>
  )
}

function OneCard({ card, standing, isFirst }: { card: CardRecord; standing: IssuerStanding; isFirst: boolean }) {
  const { t } = useTranslation()
  const { vault } = useWallet()
  const [isAsking, setAsking] = useState(false)
  const left = copiesLeft(card)
  const expiry = card.claims['expiry_date']
  const isExpired = typeof expiry === 'string' && expiry < new Date().toISOString().slice(0, 10)
  const notice = card.status === 'invalid'
    ? t('card_screen.revoked')
    : isExpired ? t('card_screen.expired') : card.status === 'suspended' ? t('card_screen.suspended') : undefined
  return (
    <section className="stack">
      <WalletCard card={card} notice={notice} />
      <IssuerLine standing={standing} />
      <p className={left === 0 ? 'note note-wait' : 'wallet-copies'}>
        {left === 0 ? t('card_screen.no_copies') : t('card_screen.copies', { count: left })}
      </p>
      {isFirst && <ButtonLink kind="primary" isWide href="#/scan">{t('card_screen.show')}</ButtonLink>}
      <details className="panel">
        <summary>{t('card_screen.details')}</summary>
        <dl className="facts">
          {listClaims(Object.keys(card.claims)).filter((claim) => claim !== 'portrait').map((claim) => (
            <div key={claim}><dt><ClaimName claim={claim} /></dt><dd><ClaimValue claim={claim} value={card.claims[claim]} /></dd></div>
          ))}
        </dl>
        <p className="soft">{t('card_screen.why_copies')}</p>
        <Button kind="quiet" onPress={() => setAsking(true)}>{t('card_screen.remove')}</Button>
      </details>
      <ConfirmDialog
        title={t('card_screen.remove_title')} isOpen={isAsking} onClose={() => setAsking(false)} isDangerous
        confirmLabel={t('card_screen.remove')} cancelLabel={t('action.cancel')}
        onConfirm={() => {
          setAsking(false)
          void vault.commit([{ kind: 'card', remove: card.id }])
        }}
      >
        <p>{t('card_screen.remove_text')}</p>
      </ConfirmDialog>
    </section>
  )
}
