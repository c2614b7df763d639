import type { Card, CardState } from './wire.ts'

export type CardAction = 'suspend' | 'resume' | 'revoke' | 'reissue'

const ACTIONS: Readonly<Record<CardState, readonly CardAction[]>> = {
  active: ['suspend', 'reissue', 'revoke'],
  suspended: ['resume', 'reissue', 'revoke'],
  revoked: [],
  offered: [],
  expired: ['reissue'],
}

/** What an officer can do with a card now, the gentlest first. */
export function actionsFor(card: Pick<Card, 'state'>): readonly CardAction[] {
  return ACTIONS[card.state] ?? []
}

const REASONS: Readonly<Record<CardAction, readonly string[]>> = {
  suspend: ['lost', 'stolen', 'misuse', 'holder_request'],
  resume: ['found', 'holder_request', 'issued_in_error'],
  revoke: ['lost', 'stolen', 'moved_away', 'deceased', 'issued_in_error', 'misuse', 'holder_request'],
  reissue: ['lost', 'stolen', 'damaged', 'data_changed', 'issued_in_error', 'holder_request'],
}

/** The reasons an officer may give for an action, the most usual first. */
export function reasonsFor(action: CardAction): readonly string[] {
  return REASONS[action]
}

/** Whether a new card can be offered: not while one counts or rests. An offer nobody took up does not stand in the way. */
export function canOffer(cards: readonly Pick<Card, 'state'>[]): boolean {
  return !cards.some(card => card.state === 'active' || card.state === 'suspended')
}

const ORDER: readonly CardState[] = ['active', 'suspended', 'offered', 'expired', 'revoked']

/** Cards with the one that counts first. */
export function sortCards(cards: readonly Card[]): readonly Card[] {
  return [...cards].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
}
