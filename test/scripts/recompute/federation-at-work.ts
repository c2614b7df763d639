import { AbiCoder, encodeBytes32String, getBytes, hexlify, id, Wallet, ZeroHash } from 'ethers'
import { encodeCall } from '../../../chain/contracts.ts'
import type { ContractName } from '../../../chain/deployment.ts'
import { readArtifact } from '../../../scripts/compile-contracts.ts'
import { demoParameters } from '../../../scripts/lib/federation-parameters.ts'
import { foundFederation } from '../../../scripts/lib/found-federation.ts'
import { guardian, owner, porto, portoController, recovery, toBytes5 } from '../../chain/support/accounts.ts'
import { farAway, newController, portoCard, sharedProgramId, writeHistory } from '../../chain/support/history.ts'
import type { TestNetwork } from '../../chain/support/network.ts'
import { codeHashOf, proposalIdOf, Sender } from '../../chain/support/sender.ts'

export const lisbon = new Wallet(`0x${'21'.repeat(32)}`)
const coimbra = new Wallet(`0x${'22'.repeat(32)}`)
const evora = new Wallet(`0x${'23'.repeat(32)}`)
const document = `0x${'11'.repeat(32)}`

/** Who votes how, with which reason: 0 against, 1 for, 2 abstain. */
type Ballot = readonly [voter: Wallet, support: 0 | 1 | 2, reason: string]

interface Call {
  readonly contract: ContractName
  readonly data: string
}

const toHex = (base64url: string): string => hexlify(Buffer.from(base64url, 'base64url'))

/** Proposes, votes and, once it is won, carries out. Resolves to the proposal's number. */
async function decide(sender: Sender, description: string, calls: readonly Call[], ballots: readonly Ballot[], until: 'voted' | 'queued' | 'executed' = 'executed'): Promise<bigint> {
  const targets = calls.map(({ contract }) => sender.deployment.contracts[contract])
  const data = calls.map((call) => call.data)
  const values = calls.map(() => 0)
  const { transactionHash } = await sender.call(coimbra, 'Federation', 'propose', [targets, values, data, description])
  const proposalId = await proposalIdOf(sender, transactionHash)
  await sender.pass(3)
  for (const [voter, support, reason] of ballots) await sender.call(voter, 'Federation', 'castVoteWithReason', [proposalId, support, reason])
  if (until === 'voted') return proposalId
  await sender.pass(100)
  await sender.call(lisbon, 'Federation', 'queue', [targets, values, data, id(description)])
  if (until === 'queued') return proposalId
  await sender.pass(6)
  // Anybody may carry it out, also past the governor: straight at the timelock.
  const salt = hexlify(getBytes(`0x${sender.deployment.contracts.Federation.slice(2).toLowerCase()}${'00'.repeat(12)}`).map((byte, i) => byte ^ (getBytes(id(description))[i] ?? 0)))
  if (calls.length > 1) await sender.call(lisbon, 'Timelock', 'executeBatch', [targets, values, data, ZeroHash, salt])
  else await sender.call(lisbon, 'Federation', 'execute', [targets, values, data, id(description)])
  return proposalId
}

/** Whoever answers for Lisboa: its key is accredited as soon as the city is a member. */
export interface LisbonService {
  readonly did: string
  readonly url: string
  readonly credentialType: string
  readonly publicJwk: { readonly x: string; readonly y: string }
}

/**
 * A federation that has seen everything: what `writeHistory` writes, then its founding, a city admitted by vote, one
 * suspended, a proposal that fails, one that still runs, parameters changed, a contract replaced and used, a pause.
 */
export async function writeFederation(network: TestNetwork, sender: Sender, service?: LisbonService) {
  const history = await writeHistory(sender)
  const city = (locode: string, name: string, controller: Wallet) => ({
    locode, name, did: `did:web:${locode}.example`, controller: controller.address, recovery: recovery.address, serviceUrl: `https://${locode}.example`,
    agreementHash: document, dpiaHash: document,
  })
  await foundFederation({
    rpcUrl: network.rpcUrl, deployerPrivateKey: owner.privateKey, deployment: network.deployment, guardian: guardian.address, parameters: demoParameters,
    cities: [{ ...city('PTLIS', 'Lisboa', lisbon), ...(service !== undefined && { did: service.did, serviceUrl: service.url }) }, city('PTCBR', '=Coimbra, "the old"', coimbra)],
  })
  await sender.pass(2)
  if (service !== undefined) {
    const { publicJwk: { x, y }, credentialType } = service
    await sender.call(lisbon, 'IssuerRegistry', 'accredit', [toBytes5('PTLIS'), toHex(x), toHex(y), credentialType, 100, farAway])
    await sender.call(lisbon, 'RecognitionRegistry', 'recognise', [toBytes5('PTLIS'), porto, portoCard, 0b110n, farAway])
  }
  const all: readonly Ballot[] = [[portoController, 1, 'Good neighbours'], [newController, 1, ''], [lisbon, 2, 'Not ours to say,\nreally'], [coimbra, 1, '+1 "yes", of course']]

  const admission = await decide(sender, 'Admit Évora\n\nIt has signed everything.', [
    { contract: 'CityRegistry', data: encodeCall('CityRegistry', 'admit', [toBytes5('PTEVR'), 'Évora', 'did:web:evora.example', evora.address, recovery.address, 'https://evora.example']) },
    { contract: 'CityRegistry', data: encodeCall('CityRegistry', 'activate', [toBytes5('PTEVR'), document, document]) },
  ], all)
  await decide(sender, 'Suspend Porto', [{ contract: 'CityRegistry', data: encodeCall('CityRegistry', 'suspend', [porto, 2, farAway]) }], all.slice(1))
  await sender.call(portoController, 'CityRegistry', 'appeal', [porto, id('we object')])
  await decide(sender, 'A longer vote', [{ contract: 'Federation', data: encodeCall('Federation', 'setVotingPeriod', [90]) }], all.slice(1))
  await sender.pass(30)

  // Another contract takes the place of Anchors; what the old one says from then on does not count.
  const { bytecode } = await readArtifact('Anchors')
  const { contracts } = sender.deployment
  const successor = await sender.deploy(lisbon, bytecode + AbiCoder.defaultAbiCoder().encode(['address', 'address'], [contracts.CityRegistry, contracts.Guardian]).slice(2))
  const replacing = encodeCall('Directory', 'set', [encodeBytes32String('Anchors'), successor, await codeHashOf(sender, successor)])
  await sender.call(lisbon, 'Anchors', 'anchor', [toBytes5('PTLIS'), 0, 5, id('root before')])
  await decide(sender, 'A new Anchors', [{ contract: 'Directory', data: replacing }], all.slice(1))
  await sender.pass(30)
  await sender.call(lisbon, 'Anchors', 'anchor', [toBytes5('PTLIS'), 0, 6, id('root nobody counts')])
  const renewed = new Sender(sender.provider, { ...sender.deployment, contracts: { ...contracts, Anchors: successor } })
  await renewed.call(lisbon, 'Anchors', 'anchor', [toBytes5('PTLIS'), 0, 7, id('root after')])

  await sender.call(guardian, 'Guardian', 'pause', [contracts.IssuerRegistry, id('incident 2')])
  await decide(sender, 'Nobody wants this', [{ contract: 'CityRegistry', data: encodeCall('CityRegistry', 'remove', [toBytes5('PTEVR')]) }], [[lisbon, 0, 'No'], [coimbra, 0, '']], 'voted')
  await sender.pass(100)
  await decide(sender, 'Fund it', [{ contract: 'RewardPrograms', data: encodeCall('RewardPrograms', 'fundShared', [sharedProgramId, 25]) }], all.slice(1), 'queued')
  await sender.pass(10)
  const running = await decide(sender, '@Reinstate Porto', [{ contract: 'CityRegistry', data: encodeCall('CityRegistry', 'reinstate', [porto]) }], [[lisbon, 1, '=HYPERLINK("x")']], 'voted')
  return { ...history, admission, running }
}
