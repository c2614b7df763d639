import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { formatCardNumber } from '../ui/format.ts'
import { formatDay } from '../ui/desk/times.ts'
import { CardActionDialog } from './card-action-dialog.tsx'
import { actionsFor } from './card-actions.ts'
import type { CardAction } from './card-actions.ts'
import { CardBadge } from './card-badge.tsx'
import type { Card, Offer } from './wire.ts'

interface CardListProps {
  readonly cards: readonly Card[]
  readonly epochSeconds: number | undefined
  onChanged(): void
  onReissued(offer: Offer): void
}

/** Every card a resident was given, the one that counts first, with what can be done about each. */
export function CardList({ cards, epochSeconds, onChanged, onReissued }: CardListProps) {
  const { t, i18n } = useTranslation()
  const [asked, setAsked] = useState<{ card: Card, action: CardAction }>()
  const day = (moment: Card['issued_on']) => formatDay(moment, i18n.language)
  return (
    <section className="stack" aria-labelledby="cards-title">
      <h2 id="cards-title">{t('cards.title')}</h2>
      {cards.length === 0 && <p className="soft">{t('cards.none')}</p>}
      <ul className="card-rows">
        {cards.map((card) => (
          <li key={card.card_id} className="panel card-row" aria-label={t('cards.card', { number: card.card_number })}>
            <div className="card-row-facts">
              <span className="card-row-number">{formatCardNumber(card.card_number)}</span>
              <CardBadge state={card.state} />
              {card.issued_on && <span className="soft">{t('cards.issued_on', { date: day(card.issued_on) })}</span>}
              {card.expires_on && <span className="soft">{t('cards.expires_on', { date: day(card.expires_on) })}</span>}
              {card.reason && <span className="soft">{t('cards.reason', { reason: t(`card_reason.${card.reason}`, { defaultValue: card.reason }) })}</span>}
            </div>
            {actionsFor(card).length > 0 && (
              <div className="actions">
                {actionsFor(card).map((action) => (
                  <Button key={action} onPress={() => setAsked({ card, action })}>{t(`card_action.${action}`)}</Button>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
      {asked !== undefined && (
        <CardActionDialog
          key={`${asked.card.card_id}/${asked.action}`} {...asked} epochSeconds={epochSeconds} onClose={() => setAsked(undefined)}
          onChanged={onChanged} onReissued={onReissued}
        />
      )}
    </section>
  )
}
