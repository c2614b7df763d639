import type { RevertCode } from '../../chain/reverts.ts'
import { actOptions, carryOut, openActor, type Actor } from '../lib/act.ts'
import type { Command, CommandGroup, CommandInput } from '../lib/command-line.ts'
import { federationOptions, openFederation, type FederationAt } from '../lib/federation-at.ts'
import { describeDuration, describeMoment } from '../lib/moments.ts'
import { SetupError, UsageError } from '../lib/setup-error.ts'
import { accountOf, locodeOf, locodeOption, readCity, type CityAt } from './city-at.ts'

const commandOptions = { ...locodeOption, ...actOptions }

const show: Command = {
  name: 'show',
  about: 'shows who acts for a city, its recovery account, and whether control is offered to anybody',
  options: { ...locodeOption, ...federationOptions },
  async run(input, print) {
    const locode = locodeOf(input)
    const federation = await openFederation(input)
    for (const line of describeCity(await readCity(federation, locode))) print(line)
  }
}

const offer: Command = {
  name: 'offer',
  about: 'the recovery account, or the controller, offers control over the city to an account, which may accept after a waiting time',
  options: { ...locodeOption, account: { value: 'ADDRESS', about: 'who is to act for the city; never the recovery account', required: true }, ...actOptions },
  async run(input, ...terminal) {
    const account = accountOf(input, 'account')
    const { actor, city } = await begin(input, terminal)
    const delay = Number(await actor.federation.contracts.CityRegistry.rotationDelay())
    const isRecovery = actor.wallet.address === city.recovery
    await carryOut(actor, {
      title: `Offer control over ${nameOf(city)} to ${account}`,
      call: { contract: 'CityRegistry', method: 'offerController', args: [city.id, account] },
      facts: [
        ...factsOf(city, actor),
        ...(city.offer ? [['replaces', `the offer to ${describeOffer(city.offer)}`] as const] : []),
        ['takes effect', `once ${account} accepts: at the earliest ${describeDuration(delay)} from now, about ${describeMoment(inSeconds(delay))}`],
        ['ends', 'not by itself; until it is accepted the recovery account can veto it'],
        ['until then', isRecovery ? `${city.controller} goes on acting for the city, but cannot replace this offer` : `${city.controller} goes on acting for the city`]
      ],
      hints: hintsOf(city, actor),
      after: async () => {
        const { offer: made } = await readCity(actor.federation, city.locode)
        return made ? [`${made.account} can accept control from ${describeMoment(made.acceptableFromSeconds)}.`] : []
      }
    })
  }
}

const withdraw: Command = {
  name: 'withdraw',
  about: 'the recovery account, or the controller, takes its own offer of control back',
  options: commandOptions,
  async run(input, ...terminal) {
    const { actor, city } = await begin(input, terminal)
    // The contract would take this as done, and whoever sent it would think that something was.
    if (!city.offer) throw new SetupError(`Nobody is offered control over ${nameOf(city)}: nothing is to be taken back, and nothing was sent.`)
    await carryOut(actor, {
      title: `Take back the offer of control over ${nameOf(city)}`,
      call: { contract: 'CityRegistry', method: 'offerController', args: [city.id, `0x${'0'.repeat(40)}`] },
      facts: [...factsOf(city, actor), ['takes back', `the offer to ${describeOffer(city.offer)}`], ['takes effect', 'with the block that takes it up; it does not end']],
      hints: hintsOf(city, actor),
      after: async () => describeCity(await readCity(actor.federation, city.locode))
    })
  }
}

const veto: Command = {
  name: 'veto',
  about: 'the recovery account takes an offer of control back, whoever made it; also while the registry is paused or the city suspended',
  options: commandOptions,
  async run(input, ...terminal) {
    const { actor, city } = await begin(input, terminal)
    await carryOut(actor, {
      title: `Veto the change of control over ${nameOf(city)}`,
      call: { contract: 'CityRegistry', method: 'vetoController', args: [city.id] },
      facts: [
        ...factsOf(city, actor),
        ...(city.offer ? [['vetoes', `the offer to ${describeOffer(city.offer)}`] as const] : []),
        ['takes effect', 'with the block that takes it up; it does not end'],
        ['but', 'whoever has the controller’s key can offer again. If it was stolen, offer control yourself (symbolon city offer): the controller cannot replace that offer']
      ],
      hints: hintsOf(city, actor),
      after: async () => describeCity(await readCity(actor.federation, city.locode))
    })
  }
}

const accept: Command = {
  name: 'accept',
  about: 'the account that was offered control takes it; from then on it acts for the city, and the former one for none',
  options: commandOptions,
  async run(input, ...terminal) {
    const { actor, city } = await begin(input, terminal)
    await carryOut(actor, {
      title: `Accept control over ${nameOf(city)}`,
      call: { contract: 'CityRegistry', method: 'acceptController', args: [city.id] },
      facts: [
        ...factsOf(city, actor),
        ['takes effect', `with the block that takes it up, until control is given on: ${actor.wallet.address} acts for the city and holds its seat`],
        ['loses', `${city.controller}: a service that sends with this key sends nothing any more`]
      ],
      hints: hintsOf(city, actor),
      after: async () => describeCity(await readCity(actor.federation, city.locode))
    })
  }
}

const changeRecovery: Command = {
  name: 'change-recovery',
  about: 'the recovery account gives its powers to another account',
  options: { ...locodeOption, account: { value: 'ADDRESS', about: 'the new recovery account; never the controller, nor who is to become it', required: true }, ...actOptions },
  async run(input, ...terminal) {
    const account = accountOf(input, 'account')
    const { actor, city } = await begin(input, terminal)
    if (account === city.recovery) throw new UsageError(`${account} is the recovery account of ${nameOf(city)} already.`)
    await carryOut(actor, {
      title: `Make ${account} the recovery account of ${nameOf(city)}`,
      call: { contract: 'CityRegistry', method: 'changeRecovery', args: [city.id, account] },
      facts: [
        ...factsOf(city, actor),
        ['takes effect', `with the block that takes it up, until it is changed again: only ${account} vetoes and offers control from then on`],
        ['loses', `${city.recovery}, at once and for good. Be sure that somebody holds the key of ${account}`]
      ],
      hints: hintsOf(city, actor),
      after: async () => describeCity(await readCity(actor.federation, city.locode))
    })
  }
}

async function begin(input: CommandInput, [print, stopped, ask]: [print: Actor['print'], stopped: AbortSignal, ask: Actor['ask']]): Promise<{ actor: Actor; city: CityAt }> {
  const locode = locodeOf(input)
  const actor = await openActor(input, async () => await openFederation(input), { print, stopped, ask })
  return { actor, city: await readCity(actor.federation, locode) }
}

function hintsOf(city: CityAt, { wallet, federation }: Pick<Actor, 'wallet'> & { readonly federation: FederationAt }): Partial<Record<RevertCode, string>> {
  const given = `The key given is that of ${wallet.address}.`
  const controllers = `The city’s recovery account is ${city.recovery}, its controller ${city.controller}. ${given}`
  return {
    ERR_CITY_REGISTRY_NOT_RECOVERY: `It is ${city.recovery}. ${given}`,
    ERR_CITY_REGISTRY_NOT_CONTROLLER: controllers,
    ERR_CITY_REGISTRY_NOT_OFFERED: city.offer ? `Control is offered to ${city.offer.account}. ${given}` : `Nobody is offered control over ${nameOf(city)}. ${given}`,
    ...(city.offer ? { ERR_CITY_REGISTRY_TOO_EARLY: `Control can be accepted from ${describeMoment(city.offer.acceptableFromSeconds)}.` } : {}),
    ERR_CITY_REGISTRY_WRONG_STATUS: city.status === 'suspended'
      ? `${nameOf(city)} is suspended until ${describeMoment(city.suspendedUntilSeconds)}: until then only the cities together can do this, by vote.`
      : `${nameOf(city)} is ${city.status}.`,
    ERR_GUARDIAN_PAUSED: `Look when it ends: symbolon federation pauses. A veto is never paused. The registry is ${federation.deployment.contracts.CityRegistry}.`
  }
}

function factsOf(city: CityAt, { wallet }: Actor): readonly (readonly [string, string])[] {
  const role = wallet.address === city.recovery ? 'the city’s recovery account'
    : wallet.address === city.controller ? 'the city’s controller'
      : wallet.address === city.offer?.account ? 'the account that was offered control' : undefined
  return [['city', `${nameOf(city)}, ${city.status}`], ...(role === undefined ? [] : [['acting as', role] as const])]
}

function describeOffer({ account, acceptableFromSeconds, isProtected }: NonNullable<CityAt['offer']>): string {
  return `${account}, made by the ${isProtected ? 'recovery account or the cities' : 'controller'}, acceptable from ${describeMoment(acceptableFromSeconds)}`
}

function describeCity(city: CityAt): readonly string[] {
  return [
    `${nameOf(city)} is ${city.status}${city.status === 'suspended' ? ` until ${describeMoment(city.suspendedUntilSeconds)}` : ''}.`,
    `  acts for it     ${city.controller}`,
    `  recovery        ${city.recovery}`,
    `  offered control ${city.offer ? describeOffer(city.offer) : 'nobody'}`
  ]
}

function nameOf({ name, locode }: Pick<CityAt, 'name' | 'locode'>): string {
  return `${name} (${locode})`
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds
}

/** `symbolon city …` */
export const cityCommands: CommandGroup = {
  name: 'city',
  about: 'what a city’s recovery account does by hand, and an account that is offered control over a city',
  commands: [show, offer, withdraw, veto, accept, changeRecovery]
}
