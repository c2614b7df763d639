import { CityCard } from '../../ui/city-card.tsx'
import type { CardRecord } from '../vault/records.ts'

/** A card of the wallet, drawn from its claims. */
export function WalletCard({ card, notice }: { card: CardRecord; notice?: string | undefined }) {
  const text = (claim: string): string | undefined => {
    const value = card.claims[claim]
    return typeof value === 'string' ? value : undefined
  }
  return (
    <CityCard
      givenName={text('given_name') ?? ''} familyName={text('family_name') ?? ''} portrait={text('portrait')}
      cityName={text('city_name') ?? card.issuerName} cardNumber={text('card_number')} expiryDate={text('expiry_date')}
      notice={notice}
    />
  )
}
