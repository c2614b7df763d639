import { formatMoment } from '../ui/desk/times.ts'
import { formatExactDuration, formatUnits, shorten } from './record-view.ts'
import type { ProposalState, Tables } from './rows.ts'

type Proposal = Tables['proposals']

/** The first line of a proposal is its title. */
export function titleOf({ description }: Pick<Proposal, 'description'>): string {
  return description.split('\n', 1)[0]?.trim() || '…'
}

/** What follows the first line. */
export function textOf({ description }: Pick<Proposal, 'description'>): string {
  return description.split('\n').slice(1).join('\n').trim()
}

/**
 * Where a proposal stands this second: time goes on also while no block comes in. What needs a block, such as queueing, is
 * as the record says. A quorum is the part of seats that must vote for or abstain; more for than against decide.
 */
export function stateAt(proposal: Proposal, nowMilliseconds: number): ProposalState {
  const { state, quorum, votes_for: inFavour, votes_against: against, votes_abstain: abstain } = proposal
  const isPast = (time: string | null) => time !== null && Date.parse(time) < nowMilliseconds
  if (state === 'pending' && isPast(proposal.vote_start) && !isPast(proposal.vote_end)) return 'active'
  // The quorum of a vote that has begun is known with the next block.
  if ((state === 'active') && isPast(proposal.vote_end) && quorum !== null) {
    return inFavour + abstain >= quorum && inFavour > against ? 'succeeded' : 'defeated'
  }
  if (state === 'queued' && isPast(proposal.executable_from)) return 'executable'
  return state
}

/** The moment a proposal waits for. */
export function nextTurnOf(proposal: Proposal, state: ProposalState): string | undefined {
  if (state === 'pending') return proposal.vote_start
  if (state === 'active') return proposal.vote_end
  return state === 'queued' ? proposal.executable_from ?? undefined : undefined
}

/** What cities are called: members, and those that these actions would admit. */
export function namesWithin(actions: readonly Tables['actions'][], names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const admitted = actions.filter(({ contract, method }) => contract === 'CityRegistry' && method === 'admit').map((action) => argumentsOf(action.arguments))
  return new Map([...admitted.map(({ city = '', name = '' }) => [city, name] as const), ...names])
}

/** Whether the cities still have something to do about it. */
export function isOpen(state: ProposalState): boolean {
  return !['executed', 'cancelled', 'defeated'].includes(state)
}

/** What the words of an action need to know beyond it. */
export interface ActionContext {
  readonly language: string
  cityOf(locode: string): string
  programOf(id: string): string
  reasonOf(code: string): string
}

/** How an action is put into words: a key of the messages under `action_words`, and what stands in it. */
export function actionWords(
  action: Pick<Tables['actions'], 'contract' | 'method' | 'arguments' | 'target' | 'calldata'>, context: ActionContext,
): { readonly key: string; readonly values: Readonly<Record<string, string>> } {
  // A contract that is being taken over is not in the directory yet: only the bytes of the call say what it is.
  if (action.calldata === acceptOwnership) return { key: 'accept_ownership', values: { target: action.contract || shorten(action.target) } }
  const known = `${action.contract}_${action.method}`
  if (!wordedActions.includes(known)) return { key: 'other', values: { contract: action.contract || shorten(action.target), method: action.method || '?' } }
  const values = Object.entries(argumentsOf(action.arguments)).map(([name, value]) => [name, wordOf(known, name, value, context)])
  const words = Object.fromEntries(values) as Record<string, string>
  if (words['allowed'] === 'false') return { key: `${known}_not`, values: words }
  return { key: known === 'CityRegistry_suspend' && Number(argumentsOf(action.arguments)['until']) >= END_OF_YEARS ? `${known}_for_ever` : known, values: words }
}

/** The last second of the year 9999: a later one is as good as for ever. */
const END_OF_YEARS = 253_402_300_799

/** The selector of `acceptOwnership()`. */
const acceptOwnership = '0x79ba5097'

const wordedActions = [
  'CityRegistry_admit', 'CityRegistry_activate', 'CityRegistry_suspend', 'CityRegistry_reinstate', 'CityRegistry_remove', 'CityRegistry_setRotationDelay',
  'CityRegistry_offerController', 'CityRegistry_vetoController', 'CityRegistry_changeRecovery', 'Directory_set',
  'RewardPrograms_fundShared', 'RewardPrograms_endShared', 'RewardToken_setOperator', 'Guardian_appoint', 'Guardian_clear', 'Federation_setVotingDelay',
  'Federation_setVotingPeriod', 'Federation_updateQuorumNumerator', 'Timelock_updateDelay',
]

function wordOf(known: string, name: string, value: string, { language, cityOf, programOf, reasonOf }: ActionContext): string {
  switch (name) {
    // The sentence has the name and the code both.
    case 'city': return known === 'CityRegistry_admit' ? value : cityOf(value)
    case 'name': return known === 'Directory_set' ? nameOf(value) : value
    case 'until': return formatMoment(Number(value), language)
    case 'reason': return reasonOf(value)
    case 'units': return formatUnits(value, language)
    case 'program': return programOf(value)
    case 'delay': case 'newDelay': case 'newVotingDelay': case 'newVotingPeriod': return formatExactDuration(Number(value), language)
    default: return value.startsWith('0x') ? shorten(value) : value
  }
}

function argumentsOf(text: string): Readonly<Record<string, string>> {
  if (text === '') return {}
  const values = JSON.parse(text) as Record<string, unknown>
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

/** Text in 32 bytes. */
function nameOf(hex: string): string {
  const bytes = hex.replace(/^0x/, '').replace(/(00)+$/, '').match(/../g) ?? []
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
}
