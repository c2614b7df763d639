import { useTranslation } from 'react-i18next'
import { formatCardNumber, formatDate } from './format.ts'

export interface CityCardProps {
  readonly givenName: string
  readonly familyName: string
  /** A `data:` or same-origin URL; the initials stand in when there is none. */
  readonly portrait?: string | undefined
  readonly cityName: string
  readonly cardNumber?: string | undefined
  /** Calendar date, `2031-11-23`. */
  readonly expiryDate?: string | undefined
  /** Shown across the card when it cannot be used, in words. */
  readonly notice?: string | undefined
}

/** The city card: portrait and name first, in the city's colours. */
export function CityCard({ givenName, familyName, portrait, cityName, cardNumber, expiryDate, notice }: CityCardProps) {
  const { t, i18n } = useTranslation()
  const name = `${givenName} ${familyName}`
  return (
    <article className="city-card" aria-label={t('card.of', { name, city: cityName })}>
      <header className="city-card-head">
        <span className="city-card-city">{cityName}</span>
        <span className="city-card-kind">{t('card.kind')}</span>
      </header>
      <div className="city-card-body">
        {portrait === undefined
          ? <span className="city-card-portrait city-card-initials" aria-hidden="true">{initials(name)}</span>
          : <img className="city-card-portrait" src={portrait} alt={t('card.portrait_of', { name })} />}
        <p className="city-card-name"><span>{givenName}</span> <span>{familyName}</span></p>
      </div>
      <dl className="city-card-foot">
        {cardNumber !== undefined && <div><dt>{t('card.number')}</dt><dd>{formatCardNumber(cardNumber)}</dd></div>}
        {expiryDate !== undefined && <div><dt>{t('card.valid_until')}</dt><dd>{formatDate(expiryDate, i18n.language)}</dd></div>}
      </dl>
      {notice !== undefined && <p className="city-card-notice">{notice}</p>}
    </article>
  )
}

function initials(name: string): string {
  return name.split(/\s+/).map((part) => [...part][0] ?? '').slice(0, 2).join('').toUpperCase()
}
