import type { ListedKey, ListedMember } from '../../../agent/trust-lists/read-lote.ts'
import type { CardRecord, TrustListRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'
import { latestTrustList, originOf, readSigner } from './federation.ts'

/** What the federation says of the city that issued a card. */
export type IssuerStanding =
  /** No list was ever believed. */
  | { readonly kind: 'unchecked' }
  /** No member has the key that signed the card for this type. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'member'; readonly city: string; readonly sinceSeconds: number | undefined; readonly checkedAtSeconds: number; readonly isStale: boolean }
  | { readonly kind: 'suspended'; readonly city: string; readonly untilSeconds: number | undefined; readonly reason: number | undefined }
  /** Admitted but not active, or removed. */
  | { readonly kind: 'not_member'; readonly city: string }
  /** What the key signed on the card's day is not trusted. */
  | { readonly kind: 'key_withdrawn'; readonly city: string }
  /** The card was signed outside the period for which the key was accredited. */
  | { readonly kind: 'not_accredited'; readonly city: string }

const daySeconds = 86_400

/** Every card, the newest first, with what the federation says of its issuer. */
export async function readCardsWithStanding(vault: Vault): Promise<readonly { readonly card: CardRecord; readonly standing: IssuerStanding }[]> {
  const trustLists = await vault.list('trustList')
  const cards = (await vault.list('card')).toSorted((a, b) => b.receivedAt.localeCompare(a.receivedAt))
  return await Promise.all(cards.map(async (card) => ({ card, standing: await readIssuerStanding(card, trustLists) })))
}

/** The cities that issued the cards here and are suspended, each once: whatever their cards are shown for, they are refused. */
export async function readSuspendedIssuers(vault: Vault): Promise<readonly Extract<IssuerStanding, { kind: 'suspended' }>[]> {
  const cards = await readCardsWithStanding(vault)
  const suspended = cards.map(({ standing }) => standing).filter((standing) => standing.kind === 'suspended')
  return [...new Map(suspended.map((standing) => [standing.city, standing])).values()]
}

/**
 * Reads from the list of members what it says of a card's issuer, by the rules a verifier applies: the key decides who
 * issued the card, never what the card says of itself.
 */
export async function readIssuerStanding(card: CardRecord, records: readonly TrustListRecord[], now: number = Date.now()): Promise<IssuerStanding> {
  const known = latestTrustList(records)
  if (known === undefined) return { kind: 'unchecked' }
  const nowSeconds = Math.floor(now / 1000)
  const signer = await readSigner(card)
  const found = signer && findIssuer(known.list.members, signer.thumbprint, card.vct)
  if (signer === undefined || found === undefined) return { kind: 'unknown' }
  const { member, key } = found
  const city = member.name
  const untilSeconds = member.suspendedUntilSeconds
  if (member.standing === 'suspended' && (untilSeconds === undefined || nowSeconds <= untilSeconds)) return { kind: 'suspended', city, untilSeconds, reason: member.suspensionReason }
  if (member.standing !== 'granted' && member.standing !== 'suspended') return { kind: 'not_member', city }
  // A card tells the day of its issue and no more: the whole day has to lie before the withdrawal.
  const { issuedAtSeconds: from } = signer
  const until = from % daySeconds === 0 ? from + daySeconds - 1 : from
  if (key.untrustedFromSeconds !== undefined && key.untrustedFromSeconds <= until) return { kind: 'key_withdrawn', city }
  if (until < key.validFromSeconds || from >= key.validUntilSeconds) return { kind: 'not_accredited', city }
  const { issuedAtSeconds, nextUpdateSeconds } = known.list
  return { kind: 'member', city, sinceSeconds: member.memberSinceSeconds, checkedAtSeconds: issuedAtSeconds, isStale: nowSeconds > nextUpdateSeconds }
}

/** Nobody can adopt another city's cards: of several with one key, the one at whose address the type is published. */
function findIssuer(members: readonly ListedMember[], thumbprint: string, credentialType: string): { member: ListedMember; key: ListedKey } | undefined {
  const found = members.flatMap((member) => member.keys
    .filter((key) => key.thumbprint === thumbprint && key.credentialType === credentialType)
    .slice(-1)
    .map((key) => ({ member, key })))
  if (found.length < 2) return found[0]
  const publishers = found.filter(({ member }) => originOf(member.serviceUrl) !== undefined && originOf(member.serviceUrl) === originOf(credentialType))
  return publishers.length === 1 ? publishers[0] : undefined
}
