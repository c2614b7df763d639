import { isoDateOf } from '../../agent/formats/city-card-claims.ts'

/** The same for everybody: a shorter one would tell something about the holder. */
const VALID_YEARS = 5

/** First and last day of a card issued now, YYYY-MM-DD (UTC). Issued on 29 February it ends on 1 March. */
export const cardDates = (now: Date): { readonly issuedOn: string; readonly expiresOn: string } => {
  const expiry = new Date(Date.UTC(now.getUTCFullYear() + VALID_YEARS, now.getUTCMonth(), now.getUTCDate()))
  return { issuedOn: isoDateOf(now.getTime() / 1000), expiresOn: isoDateOf(expiry.getTime() / 1000) }
}
