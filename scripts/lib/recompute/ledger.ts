import type { ChainEvent } from './events.ts'
import { followUpdate, type RebuiltList } from './status-bits.ts'

/** Lists beyond this would fill the memory; nobody follows them. */
const largestList = 2 ** 24
const nobody = `0x${'0'.repeat(40)}`

/** When and where something was written. */
export interface Place {
  readonly block: number
  readonly transaction: string
  readonly seconds: number
}

export interface City {
  readonly city: string
  readonly name: string
  readonly did: string
  serviceUrl: string
  controller: string
  recovery: string
  readonly admitted: Place
  activated?: Place & { readonly agreementHash: string; readonly dpiaHash: string }
  removed?: Place
  suspension?: { readonly reason: number; readonly until: bigint }
}

export interface Happening extends Place {
  readonly kind: string
  readonly args: ChainEvent['args']
  proposal?: string
}

export interface Key extends Place {
  readonly args: ChainEvent['args']
  withdrawn?: { readonly seconds: number; readonly untrustedFrom: bigint }
  /** In the order of the chain; the last one is `withdrawn`. */
  readonly withdrawals: (Place & { readonly untrustedFrom: bigint })[]
}

export interface Agreement extends Place {
  readonly args: ChainEvent['args']
  /** Where it was withdrawn, or replaced by another. */
  ended?: Place
}

export interface Proposal extends Place {
  readonly id: string
  readonly city: string
  readonly args: ChainEvent['args']
  /** The name the Directory had for each action's target when it was proposed. */
  readonly contracts: readonly string[]
  readonly votes: Vote[]
  queued?: Place
  executableFrom?: bigint
  executed?: Place
  cancelled?: Place
}

export interface Vote extends Place {
  readonly proposal: string
  readonly city: string
  readonly args: ChainEvent['args']
}

export interface Program extends Place {
  readonly args: ChainEvent['args']
  until: bigint
  shared: boolean
  closed: boolean
  redemptions: number
  redeemed: bigint
  readonly values: number[]
}

export interface Settlement extends Place {
  readonly args: ChainEvent['args']
  paid?: { readonly seconds: number; readonly hash: string }
}

export interface Debt {
  accrued: bigint
  settled: bigint
}

export interface Pause extends Place {
  readonly target: string
  readonly incident: string
  readonly until: bigint
  cleared?: Place
  clearedBy?: string
}

export interface Setting extends Place {
  readonly name: string
  readonly value: string
  readonly unit: string
  proposal?: string
}

export interface Entry extends Place {
  readonly name: string
  readonly target: string
  readonly codeHash: string
  proposal?: string
}

/** What was put into a programme, and where its points are: read off the token alone. */
export interface Points {
  minted: bigint
  burnt: bigint
  readonly balances: Map<string, bigint>
}

/** Everything that was ever written, counted from the first event on. */
export class Ledger {
  readonly cities = new Map<string, City>()
  readonly happenings: Happening[] = []
  readonly keys: Key[] = []
  readonly agreements: Agreement[] = []
  readonly proposals = new Map<string, Proposal>()
  readonly votes: Vote[] = []
  readonly programs = new Map<string, Program>()
  readonly points = new Map<string, Points>()
  readonly redemptions: (Place & { readonly logIndex: number; readonly args: ChainEvent['args'] })[] = []
  readonly settlements = new Map<string, Settlement>()
  readonly debts = new Map<string, Debt>()
  readonly netSettlements: (Place & { readonly args: ChainEvent['args'] })[] = []
  readonly pauses: Pause[] = []
  readonly settings: Setting[] = []
  readonly entries: Entry[] = []
  readonly lists = new Map<string, RebuiltList>()
  readonly anchors: (Place & { readonly args: ChainEvent['args'] })[] = []
  /** How many seats there were from a second on. */
  readonly seats: { readonly seconds: number; readonly count: number }[] = []
  readonly #operations = new Map<string, string>()
  #transaction = ''
  #scheduled: string[] = []
  #loose: ((proposal: string) => void)[] = []

  apply(event: ChainEvent, seconds: number): void {
    if (event.transaction !== this.#transaction) {
      this.#transaction = event.transaction
      this.#scheduled = []
      this.#loose = []
    }
    const { args } = event
    const place: Place = { block: event.block, transaction: event.transaction, seconds }
    const text = (name: string): string => String(args[name])
    const [contract, kind] = event.name.split('.') as [string, string]
    if (contract === 'CityRegistry') return this.#membership(kind, args, place)
    switch (event.name) {
      case 'Directory.EntryChanged':
        this.#decided(this.entries, { ...place, name: toName(text('name')), target: text('target'), codeHash: text('codeHash') })
        return
      case 'IssuerRegistry.IssuerAccredited':
        this.keys.push({ ...place, args, withdrawals: [] })
        return
      case 'IssuerRegistry.IssuerWithdrawn': {
        const same = ['city', 'thumbprint', 'typeId']
        for (const key of this.keys) {
          if (!same.every((name) => key.args[name] === args[name])) continue
          key.withdrawn = { seconds, untrustedFrom: args['untrustedFrom'] as bigint }
          key.withdrawals.push({ ...place, untrustedFrom: args['untrustedFrom'] as bigint })
        }
        return
      }
      case 'RecognitionRegistry.RecognitionGranted':
        this.#endAgreement(args, place)
        this.agreements.push({ ...place, args })
        return
      case 'RecognitionRegistry.RecognitionWithdrawn':
        this.#endAgreement(args, place)
        return
      case 'StatusLists.ListCreated': {
        const size = Number(args['size'])
        const bits = new Uint8Array(size > largestList ? 0 : size / 4)
        const known = this.lists.get(text('listId'))
        // Opened again in a later contract, and of the same size: it is the same list.
        if (known?.size === size) known.homes.set(event.address, { bits, epoch: 0 })
        if (known !== undefined) return
        this.lists.set(text('listId'), {
          id: text('listId'), block: event.block, city: toCity(args['city']), uri: text('uri'), size, createdBlock: event.block,
          homes: new Map([[event.address, { bits, epoch: 0 }]]), bits, epoch: 0, digest: undefined, publishedBlock: event.block, isReadable: size <= largestList,
        })
        return
      }
      case 'StatusLists.EpochPublished': {
        const list = this.lists.get(text('listId'))
        const update = { epoch: Number(args['epoch']), digest: text('digest'), delta: text('delta') }
        if (list === undefined || !followUpdate(list, event.address, update)) return
        list.digest = update.digest
        list.publishedBlock = event.block
        return
      }
      case 'Anchors.Anchored':
        this.anchors.push({ ...place, args })
        return
      case 'RewardToken.TransferSingle':
        return this.#move(args)
      case 'RewardPrograms.ProgramCreated':
        this.programs.set(text('program'), {
          ...place, args, until: args['until'] as bigint, shared: false, closed: false, redemptions: 0, redeemed: 0n, values: [],
        })
        return
      case 'Settlement.SettlementRequested': {
        this.settlements.set(text('ref'), { ...place, args })
        if (args['debtor'] !== args['payer']) this.#debt(args['debtor'], args['payer']).accrued += args['units'] as bigint
        return
      }
      case 'Settlement.SettlementPaid': {
        const settlement = this.settlements.get(text('ref'))
        if (settlement !== undefined) settlement.paid = { seconds, hash: text('bankReferenceHash') }
        return
      }
      case 'Settlement.NetSettled':
        this.#debt(args['debtor'], args['creditor']).settled += args['units'] as bigint
        this.netSettlements.push({ ...place, args })
        return
      case 'Guardian.WritesPaused':
        this.pauses.push({ ...place, target: text('target'), incident: text('incident'), until: args['until'] as bigint })
        return
      case 'Guardian.PauseCleared': {
        const pause = this.pauses.findLast(({ target }) => target === text('target'))
        if (pause === undefined) return
        pause.cleared = place
        this.#loose.push((proposal) => { pause.clearedBy = proposal })
        return
      }
      case 'Guardian.GuardianAppointed':
        return this.#setting(place, 'guardian', text('guardian'), 'account')
      default:
        if (contract === 'RewardPrograms') return this.#program(kind, args, place, event.logIndex)
        return this.#governance(event.name, args, place)
    }
  }

  #endAgreement(args: ChainEvent['args'], place: Place): void {
    const same = ['recogniser', 'issuer', 'typeId']
    const last = this.agreements.findLast((agreement) => same.every((name) => agreement.args[name] === args[name]))
    if (last !== undefined) last.ended ??= place
  }

  #membership(kind: string, args: ChainEvent['args'], place: Place): void {
    if (kind === 'RotationDelayChanged') return this.#setting(place, 'rotation_delay', String(args['delay']), 'seconds')
    this.#decided(this.happenings, { ...place, kind, args })
    const code = toCity(args['city'])
    if (kind === 'CityAdmitted') {
      const text = (key: string): string => String(args[key])
      this.cities.set(code, {
        city: code, name: text('name'), did: text('did'), serviceUrl: text('serviceUrl'), controller: text('controller'), recovery: text('recovery'), admitted: place,
      })
      return
    }
    const city = this.cities.get(code)
    if (city === undefined) return
    if (kind === 'CityActivated') {
      city.activated = { ...place, agreementHash: String(args['agreementHash']), dpiaHash: String(args['dpiaHash']) }
      this.#countSeats(place)
    }
    if (kind === 'CitySuspended') city.suspension = { reason: Number(args['reason']), until: args['until'] as bigint }
    if (kind === 'CityReinstated') delete city.suspension
    if (kind === 'ServiceUrlChanged') city.serviceUrl = String(args['serviceUrl'])
    if (kind === 'ControllerChanged') city.controller = String(args['controller'])
    if (kind === 'RecoveryChanged') city.recovery = String(args['recovery'])
    if (kind === 'CityRemoved') {
      city.removed = place
      this.#countSeats(place)
    }
  }

  /** A city has a seat from its activation until it is removed. */
  #countSeats({ seconds }: Place): void {
    const count = [...this.cities.values()].filter((city) => city.activated !== undefined && city.removed === undefined).length
    this.seats.push({ seconds, count })
  }

  #seatOf(account: unknown): string {
    const holder = [...this.cities.values()].find((city) => city.controller === account && city.activated !== undefined && city.removed === undefined)
    return holder?.city ?? ''
  }

  #governance(name: string, args: ChainEvent['args'], place: Place): void {
    const id = String(args['proposalId'])
    const proposal = this.proposals.get(id)
    switch (name) {
      case 'Federation.ProposalCreated':
        this.proposals.set(id, {
          ...place, id, args, city: this.#seatOf(args['proposer']), votes: [],
          contracts: [...(args['targets'] as Iterable<string>)].map((target) => this.contractAt(target)),
        })
        return
      case 'Federation.VoteCast': {
        const vote = { ...place, args, proposal: id, city: this.#seatOf(args['voter']) }
        this.votes.push(vote)
        proposal?.votes.push(vote)
        return
      }
      case 'Federation.ProposalQueued':
        for (const operation of this.#scheduled) this.#operations.set(operation, id)
        this.#scheduled = []
        if (proposal === undefined) return
        proposal.queued = place
        proposal.executableFrom = args['etaSeconds'] as bigint
        return
      case 'Federation.ProposalCanceled':
        if (proposal !== undefined) proposal.cancelled = place
        return
      case 'Federation.VotingDelaySet':
        return this.#setting(place, 'voting_delay', String(args['newVotingDelay']), 'seconds')
      case 'Federation.VotingPeriodSet':
        return this.#setting(place, 'voting_period', String(args['newVotingPeriod']), 'seconds')
      case 'Federation.ProposalThresholdSet':
        return this.#setting(place, 'proposal_threshold', String(args['newProposalThreshold']), 'seats')
      case 'Federation.QuorumNumeratorUpdated':
        return this.#setting(place, 'quorum', String(args['newQuorumNumerator']), 'percent')
      case 'Timelock.MinDelayChange':
        return this.#setting(place, 'timelock_delay', String(args['newDuration']), 'seconds')
      case 'Timelock.CallScheduled':
        this.#scheduled.push(String(args['id']))
        return
      case 'Timelock.CallExecuted': {
        const decided = this.#operations.get(String(args['id']))
        if (decided !== undefined) {
          for (const tell of this.#loose) tell(decided)
          const carried = this.proposals.get(decided)
          if (carried !== undefined) carried.executed = place
        }
        this.#loose = []
        return
      }
      case 'Timelock.Cancelled': {
        const cancelled = this.proposals.get(this.#operations.get(String(args['id'])) ?? '')
        if (cancelled !== undefined) cancelled.cancelled = place
      }
    }
  }

  #program(kind: string, args: ChainEvent['args'], place: Place, logIndex: number): void {
    const program = this.programs.get(String(args['program']))
    if (program === undefined) return
    if (kind === 'DenominationRegistered') program.values.push(Number(args['value']))
    if (kind === 'ProgramShared') program.shared = true
    if (kind === 'ProgramClosed') program.closed = true
    if (kind === 'ProgramEndChanged') program.until = args['until'] as bigint
    if (kind === 'NotesRedeemed') {
      program.redemptions += 1
      program.redeemed += args['units'] as bigint
      this.redemptions.push({ ...place, logIndex, args })
    }
  }

  #move(args: ChainEvent['args']): void {
    const id = `0x${(args['id'] as bigint).toString(16).padStart(64, '0')}`
    const units = args['value'] as bigint
    const [from, to] = [String(args['from']), String(args['to'])]
    const points = this.points.get(id) ?? { minted: 0n, burnt: 0n, balances: new Map<string, bigint>() }
    this.points.set(id, points)
    if (from === nobody) points.minted += units
    else points.balances.set(from, (points.balances.get(from) ?? 0n) - units)
    if (to === nobody) points.burnt += units
    else points.balances.set(to, (points.balances.get(to) ?? 0n) + units)
  }

  #debt(debtor: unknown, creditor: unknown): Debt {
    const key = `${toCity(debtor)} ${toCity(creditor)}`
    const debt = this.debts.get(key) ?? { accrued: 0n, settled: 0n }
    this.debts.set(key, debt)
    return debt
  }

  #setting(place: Place, name: string, value: string, unit: string): void {
    this.#decided(this.settings, { ...place, name, value, unit })
  }

  /** Notes something down, and later the proposal that decided it: the timelock says so right after each call. */
  #decided<Item extends { proposal?: string }>(items: Item[], item: Item): void {
    items.push(item)
    this.#loose.push((proposal) => { item.proposal = proposal })
  }

  /** The last name the Directory gave an address. */
  contractAt(target: string): string {
    return this.entries.findLast((entry) => entry.target === target)?.name ?? ''
  }
}

/** UN/LOCODE of five bytes. */
export function toCity(bytes: unknown): string {
  return Buffer.from(String(bytes).slice(2), 'hex').toString('latin1').replaceAll('\0', '')
}

/** Text in 32 bytes, padded with zeros; hexadecimal when it is none. */
function toName(bytes: string): string {
  const unpadded = Buffer.from(bytes.slice(2).replace(/(00)+$/, ''), 'hex')
  const text = unpadded.toString('utf8')
  return Buffer.from(text, 'utf8').equals(unpadded) ? text.replaceAll('\0', '\ufffd') : bytes
}
