import { createHash } from 'node:crypto'
import { getAddress, isAddress, ZeroAddress } from 'ethers'
import { contractNames, type ContractName } from '../../chain/deployment.ts'
import { createContracts } from '../../chain/contracts.ts'
import { actOptions, carryOut, openActor } from '../lib/act.ts'
import type { Command } from '../lib/command-line.ts'
import { createViewRunner, federationOptions, openFederation, type FederationAt } from '../lib/federation-at.ts'
import { describeMoment } from '../lib/moments.ts'
import { SetupError, UsageError } from '../lib/setup-error.ts'
import { findPausable, pausedEntries, type Pausable } from './pausable.ts'

/** How long the contract pauses, no more and no less. */
const PAUSE_HOURS = 72

const afterwards = 'It ends by itself. It cannot be paused again until the cities have voted to end this pause: staff app, Federation, Propose a decision.'

/** `symbolon federation pause` */
export const pause: Command = {
  name: 'pause',
  about: `the guardian stops new entries of one contract for ${PAUSE_HOURS} hours, no more and no less`,
  options: {
    contract: { value: 'NAME', about: 'which contract, such as RewardPrograms, or its address; "symbolon federation pauses" lists them', required: true },
    incident: { value: 'TEXT', about: 'what this incident is called, such as INC-2026-17, of which only the SHA-256 is published; or 0x and 64 hexadecimal digits; never used before', required: true },
    ...actOptions
  },
  async run(input, print, stopped, ask) {
    const incident = incidentOf(input.text('incident'))
    const wanted = input.text('contract')
    if (nameOf(wanted) === undefined && !isAddress(wanted)) {
      throw new UsageError(`--contract takes one of ${contractNames.join(', ')}, or an address, not "${wanted}".`)
    }
    const actor = await openActor(input, async () => await openFederation(input), { print, stopped, ask })
    const target = await requirePausable(actor.federation, wanted)
    // The Guardian that the contract listens to is the one to tell.
    const federation = at(actor.federation, target.guardian)
    const { Guardian } = federation.contracts
    const [appointed, until] = await Promise.all([Guardian.guardian(), Guardian.pausedUntil(target.address)])
    const begins = Math.max(federation.head.timestampSeconds, Math.floor(Date.now() / 1000))
    await carryOut({ ...actor, federation }, {
      title: `Pause new entries of ${target.name}`,
      call: { contract: 'Guardian', method: 'pause', args: [target.address, incident] },
      facts: [
        ['pauses', `${target.name} ${target.address}${target.isFormer ? ', which the Directory names no more' : ''}`],
        ['stops', pausedEntries[target.name] ?? 'new entries'],
        ['incident', incident],
        ['begins', 'with the block that takes it up'],
        ['ends', `${PAUSE_HOURS} hours later, about ${describeMoment(begins + PAUSE_HOURS * 3_600)}`],
        ['afterwards', afterwards]
      ],
      hints: {
        ERR_GUARDIAN_NOT_GUARDIAN: appointed === ZeroAddress ? 'The cities have appointed nobody.' : `That is ${appointed}; the key given is that of ${actor.wallet.address}.`,
        ERR_GUARDIAN_NOT_CLEARED: `It ${describePause(until, federation)}.`
      },
      after: async () => {
        const ends = await Guardian.pausedUntil(target.address)
        return [`${target.name} takes no new entries until ${describeMoment(Number(ends))}.`, afterwards]
      }
    })
  }
}

/** `symbolon federation pauses` */
export const pauses: Command = {
  name: 'pauses',
  about: 'lists which contracts the guardian can pause, which are paused and until when',
  options: federationOptions,
  async run(input, print) {
    const federation = await openFederation(input)
    const account = await federation.contracts.Guardian.guardian()
    print(`The guardian is ${account === ZeroAddress ? 'nobody' : account}.`)
    for (const { name, address, guardian, isFormer } of await findPausable(federation)) {
      const until = await at(federation, guardian).contracts.Guardian.pausedUntil(address)
      print(`  ${name.padEnd(20)} ${address}  ${until === 0n ? 'can be paused' : describePause(until, federation)}${isFormer ? ' (the Directory names it no more)' : ''}`)
    }
  }
}

function describePause(until: bigint, { head }: FederationAt): string {
  const moment = describeMoment(Number(until))
  return head.timestampSeconds <= Number(until) ? `is paused until ${moment}` : `was paused until ${moment}, and can be paused again once the cities have cleared that by vote`
}

function incidentOf(text: string): string {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  if (text.trim() === '') throw new UsageError('--incident takes a name for what happened.')
  return `0x${createHash('sha256').update(text.trim()).digest('hex')}`
}

async function requirePausable(federation: FederationAt, wanted: string): Promise<Pausable> {
  const pausable = await findPausable(federation)
  const named = nameOf(wanted)
  const found = named === undefined
    ? pausable.find(({ address }) => address === getAddress(wanted))
    : pausable.find(({ name, isFormer }) => name === named && (!isFormer || federation.current[named] === undefined))
  if (found) return found
  const choices = pausable.filter(({ isFormer }) => !isFormer).map(({ name }) => name)
  throw new SetupError(
    `${wanted} cannot be paused: it does not ask the Guardian before it takes an entry, so a pause would be recorded and stop nothing. ` +
    `Of the federation’s contracts these can be: ${choices.join(', ')}. Nothing was sent.`
  )
}

function nameOf(wanted: string): ContractName | undefined {
  return contractNames.find((name) => name.toLowerCase() === wanted.toLowerCase())
}

/** The federation with another Guardian than the Directory names. */
function at(federation: FederationAt, guardian: string): FederationAt {
  const deployment = { ...federation.deployment, contracts: { ...federation.deployment.contracts, Guardian: guardian } }
  return {
    ...federation, deployment, current: { ...federation.current, Guardian: guardian },
    contracts: createContracts(deployment, createViewRunner(federation.provider))
  }
}
