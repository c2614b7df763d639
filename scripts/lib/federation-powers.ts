import { Contract, ZeroAddress, ZeroHash, type ContractRunner, type EventLog, type Provider } from 'ethers'
import { contractInterfaces, createContracts, type ContractClient } from '../../chain/contracts.ts'
import { contractNames, type ContractName, type Deployment } from '../../chain/deployment.ts'

type OwnedContract = { [C in ContractName]: ContractClient<C> extends { owner(): Promise<string> } ? C : never }[ContractName]

/** Contracts with an owner, as their ABIs say: none is forgotten when the founding hands them over, or when powers are read. */
export const ownedContracts = contractNames.filter((name): name is OwnedContract => contractInterfaces[name].hasFunction('owner'))

/** Who can do what to the federation's contracts, as anyone can read it from the chain. */
export interface FederationPowers {
  /** Owner and offered owner of each contract that has one; the zero address when control was offered to nobody. */
  readonly owners: Readonly<Record<OwnedContract, { readonly owner: string; readonly pending: string }>>
  /** Who holds each role of the timelock that was ever granted, by the hash that names it. */
  readonly roles: ReadonlyMap<string, readonly string[]>
  /** Contracts that mint, move and burn units. */
  readonly operators: readonly string[]
  readonly guardian: string
  /** Operations that wait in the timelock. */
  readonly waiting: readonly string[]
}

/** A contract that the Directory no longer names where it was deployed. */
export interface Replaced {
  readonly name: ContractName
  /** Undefined when it was taken out. */
  readonly target: string | undefined
}

/** The deployment with the addresses that the Directory names now, and what it was other than. A name that was taken out keeps its address. */
export async function followDirectory(runner: ContractRunner, deployment: Deployment): Promise<{ readonly deployment: Deployment; readonly replaced: readonly Replaced[] }> {
  const { Directory } = createContracts(deployment, runner)
  const names = Object.keys(deployment.contracts) as ContractName[]
  const entries = await Promise.all(names.map(async (name) => [name, (await Directory.get(toName(name))).target] as const))
  const replaced = entries.filter(([name, target]) => target !== deployment.contracts[name])
    .map(([name, target]) => ({ name, target: target === ZeroAddress ? undefined : target }))
  const contracts = { ...deployment.contracts, ...Object.fromEntries(replaced.flatMap(({ name, target }) => (target === undefined ? [] : [[name, target]]))) }
  return { deployment: { ...deployment, contracts }, replaced }
}

/** Reads every owner, role, operator and waiting operation, from all events since the deployment. */
export async function readPowers(provider: Provider, deployment: Deployment): Promise<FederationPowers> {
  const contracts = createContracts(deployment, provider)
  const eventsOf = async (name: ContractName, event: string): Promise<EventLog[]> => {
    const contract = new Contract(deployment.contracts[name], contractInterfaces[name], provider)
    return (await contract.queryFilter(event, deployment.deployedAtBlock)) as EventLog[]
  }
  const textOf = (log: EventLog, argument: string): string => String(log.args.getValue(argument))

  const owners = await Promise.all(ownedContracts.map(async (name) => {
    const [owner, pending] = await Promise.all([contracts[name].owner(), contracts[name].pendingOwner()])
    return [name, { owner, pending }] as const
  }))

  const roles = new Map<string, string[]>()
  const granted = await eventsOf('Timelock', 'RoleGranted')
  for (const [role, account] of new Map(granted.map((log) => {
    const pair = [textOf(log, 'role'), textOf(log, 'account')] as const
    return [pair.join(), pair]
  })).values()) {
    if (!(await contracts.Timelock.hasRole(role, account))) continue
    roles.set(role, [...roles.get(role) ?? [], account])
  }

  const operators: string[] = []
  for (const operator of new Set((await eventsOf('RewardToken', 'OperatorChanged')).map((log) => textOf(log, 'operator')))) {
    if (await contracts.RewardToken.isOperator(operator)) operators.push(operator)
  }

  const waiting: string[] = []
  for (const id of new Set((await eventsOf('Timelock', 'CallScheduled')).map((log) => textOf(log, 'id')))) {
    if (await contracts.Timelock.isOperationPending(id)) waiting.push(id)
  }
  return {
    owners: Object.fromEntries(owners) as FederationPowers['owners'], roles, operators, waiting,
    guardian: await contracts.Guardian.guardian(),
  }
}

/** What is not as it should be once a federation is founded; empty when nobody holds anything but the cities together. */
export async function findStrayPowers(provider: Provider, deployment: Deployment): Promise<string[]> {
  const { Timelock: timelock, Federation: federation } = deployment.contracts
  const { Timelock, Directory } = createContracts(deployment, provider)
  const powers = await readPowers(provider, deployment)
  const strays = Object.entries(powers.owners).flatMap(([name, { owner, pending }]) => [
    ...owner === timelock ? [] : [`${owner} owns ${name}`],
    ...BigInt(pending) === 0n ? [] : [`${pending} may take over ${name}`],
  ])
  const holders = new Map([
    [ZeroHash, [timelock]],
    [await Timelock.PROPOSER_ROLE(), [federation]],
    [await Timelock.CANCELLER_ROLE(), [federation]],
    [await Timelock.EXECUTOR_ROLE(), [`0x${'0'.repeat(40)}`]],
  ])
  for (const role of new Set([...holders.keys(), ...powers.roles.keys()])) {
    const expected = holders.get(role) ?? []
    const actual = powers.roles.get(role) ?? []
    strays.push(...actual.filter((account) => !expected.includes(account)).map((account) => `${account} holds role ${role} of the timelock`))
    strays.push(...expected.filter((account) => !actual.includes(account)).map((account) => `${account} lacks role ${role} of the timelock`))
  }
  const { RewardPrograms, Settlement } = deployment.contracts
  strays.push(...powers.operators.filter((operator) => operator !== RewardPrograms && operator !== Settlement).map((operator) => `${operator} mints units`))
  strays.push(...powers.waiting.map((id) => `operation ${id} waits in the timelock`))
  for (const [name, target] of Object.entries(deployment.contracts)) {
    const entry = await Directory.get(toName(name))
    if (entry.target !== target || entry.codeHash !== (await Directory.codeHashOf(target))) strays.push(`the Directory has another ${name}`)
  }
  return strays
}

function toName(name: string): string {
  return `0x${Buffer.from(name, 'ascii').toString('hex').padEnd(64, '0')}`
}
