import { keccak256, type Wallet } from 'ethers'
import { SymbolonError } from '../../agent/errors.ts'
import { encodeCall, type MethodArgs, type MethodName } from '../../chain/contracts.ts'
import type { ContractName } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { fetchFees } from '../../chain/outbox/fees.ts'
import { rehearseCall } from '../../chain/rehearse-call.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import { decodeRevert, isRevert, type Revert, type RevertCode } from '../../chain/reverts.ts'
import { fetchHeader, fetchReceipt, type Receipt } from '../../chain/rpc.ts'
import type { Ask, CommandInput, CommandOption } from './command-line.ts'
import { federationOptions, type FederationAt } from './federation-at.ts'
import { keyOptions, openAccount } from './key-file.ts'
import { describeMoment } from './moments.ts'
import { SetupError, UsageError } from './setup-error.ts'
import { bold, green } from './terminal.ts'

/** The options of every command that sends a transaction. */
export const actOptions = {
  ...keyOptions,
  ...federationOptions,
  'dry-run': { about: 'only try it out: asks the chain whether it would take it, and sends nothing' },
  yes: { about: 'do not ask before it is sent' }
} as const satisfies Record<string, CommandOption>

/** A contract would refuse what was asked for, or has refused it. */
export class RefusalError extends SymbolonError<RevertCode> {
  constructor({ code, detail }: Revert, hint: string | undefined) {
    super(code, `The contract refuses. ${adviceOf(code)}${hint === undefined ? '' : ` ${hint}`} It said ${detail}.`)
  }
}

/** One transaction of an account that acts by hand. */
export interface Act<C extends ContractName, M extends MethodName<C>> {
  readonly title: string
  readonly call: { readonly contract: C; readonly method: M; readonly args: MethodArgs<C, M> }
  /** What whoever sends it has to know first, by headings. */
  readonly facts: readonly (readonly [heading: string, text: string])[]
  /** What is known here about a refusal, beside the advice that holds everywhere. */
  readonly hints?: Partial<Readonly<Record<RevertCode, string>>>
  /** What holds once it is done. */
  after(): Promise<readonly string[]>
}

/** Where and as whom an act is done. */
export interface Actor {
  readonly federation: FederationAt
  readonly wallet: Wallet
  readonly print: (line: string) => void
  readonly ask: Ask | undefined
  readonly dryRun: boolean
  readonly yes: boolean
  readonly stopped: AbortSignal
}

const MINED_WITHIN_MS = 120_000
const HEADING_WIDTH = 13

/**
 * Opens the key of a command that has {@link actOptions}. A command that can neither ask nor was told not to is refused
 * before anything is read.
 *
 * @throws UsageError, SetupError
 */
export async function openActor(
  input: CommandInput, open: () => Promise<FederationAt>,
  { print, ask, stopped }: Pick<Actor, 'print' | 'ask' | 'stopped'>
): Promise<Actor> {
  const [dryRun, yes] = [input.flag('dry-run'), input.flag('yes')]
  if (dryRun && yes) throw new UsageError('Give --dry-run or --yes, not both.')
  if (!dryRun && !yes && ask === undefined) throw new UsageError('There is no terminal to ask at: give --yes to send it without asking, or --dry-run to only try it out.')
  const wallet = await openAccount({ file: input.text('key'), passwordFile: input.optional('password-file'), ask, print })
  return { federation: await open(), wallet, print, ask, dryRun, yes, stopped }
}

/**
 * Tries an act out, shows it, asks, sends it and waits until it is done. With `dryRun` nothing is asked and nothing sent.
 *
 * @throws RefusalError what the contract says; ChainError; SetupError when the user says no
 */
export async function carryOut<C extends ContractName, M extends MethodName<C>>(actor: Actor, act: Act<C, M>): Promise<void> {
  const { federation, print, dryRun, yes, ask } = actor
  const revert = await rehearseCall(federation.provider, federation, actor.wallet.address, act.call)
  if (revert) throw new RefusalError(revert, act.hints?.[revert.code])
  await prepare(actor, act)
  for (const line of describe(actor, act)) print(line)
  if (dryRun) {
    print('Tried out: the chain would take it. Nothing was sent.')
    return
  }
  if (!yes && (await ask?.('Send it? It cannot be called back. Type yes: '))?.trim().toLowerCase() !== 'yes') {
    throw new SetupError('Nothing was sent.')
  }
  // Prepared anew: whoever was asked may have thought about it for a while.
  const raw = await actor.wallet.signTransaction(await prepare(actor, act))
  const hash = keccak256(raw)
  // Said before it is sent: a node may take it and its answer be lost.
  print(`Sending transaction ${hash}`)
  await federation.provider.send('eth_sendRawTransaction', [raw])
  const { succeeded, blockNumber } = await untilMined(actor, hash)
  if (!succeeded) {
    const why = await rehearseCall(federation.provider, federation, actor.wallet.address, act.call)
    throw new RefusalError(why ?? { code: 'ERR_CHAIN_REVERTED', detail: `transaction ${hash} failed` }, why && act.hints?.[why.code])
  }
  const block = await fetchHeader(federation.provider, blockNumber)
  print(green(`Done in block ${blockNumber}${block === undefined ? '' : `, ${describeMoment(block.timestampSeconds)}`}.`))
  for (const line of await act.after()) print(line)
}

function describe<C extends ContractName, M extends MethodName<C>>({ federation, wallet }: Actor, { title, call, facts }: Act<C, M>): readonly string[] {
  const { chainId } = federation.deployment
  const all = [
    ['chain', `${chainId} at ${withoutSecrets(federation.rpcUrl)}, block ${federation.head.number}`],
    ['contract', `${call.contract} ${federation.current[call.contract] ?? ''}`],
    ['sent by', wallet.address],
    ...facts
  ]
  return [bold(title), ...all.map(([heading = '', text = '']) => `  ${heading.padEnd(HEADING_WIDTH)} ${text}`)]
}

/** An address may hold a user's name, a password or a token. */
function withoutSecrets(rpcUrl: string): string {
  return URL.canParse(rpcUrl) ? new URL(rpcUrl).origin : 'the node'
}

/** The transaction as it would be sent now. */
async function prepare<C extends ContractName, M extends MethodName<C>>({ federation, wallet }: Actor, { call, hints }: Act<C, M>) {
  const { provider } = federation
  const to = federation.current[call.contract] ?? null
  const data = encodeCall(call.contract, call.method, call.args)
  const fees = await fetchFees(provider)
  let estimate
  try {
    estimate = BigInt(String(await provider.send('eth_estimateGas', [{ from: wallet.address, to, data }, 'pending'])))
  } catch (error) {
    if (!isRevert(error)) throw error
    const revert = decodeRevert(error)
    throw new RefusalError(revert, hints?.[revert.code])
  }
  const gasLimit = (estimate * 5n) / 4n + 20_000n
  const cost = gasLimit * fees.maxFeePerGas
  const balance = BigInt(String(await provider.send('eth_getBalance', [wallet.address, 'latest'])))
  if (balance < cost) throw new SetupError(`This chain asks for fees, and ${wallet.address} cannot pay them: it holds ${balance} wei, and up to ${cost} are needed. Send it some and try again.`)
  return {
    to, data, gasLimit, chainId: federation.deployment.chainId,
    nonce: Number(await provider.send('eth_getTransactionCount', [wallet.address, 'pending'])),
    ...(fees.legacy
      ? { type: 0, gasPrice: fees.maxFeePerGas }
      : { type: 2, maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas })
  }
}

async function untilMined({ federation, stopped }: Actor, hash: string): Promise<Receipt> {
  const deadline = Date.now() + MINED_WITHIN_MS
  for (;;) {
    const receipt = await fetchReceipt(federation.provider, hash)
    if (receipt) return receipt
    if (stopped.aborted || Date.now() > deadline) {
      throw new ChainError('ERR_CHAIN_TIMEOUT', `Transaction ${hash} was sent and is not in a block yet. Look again before you send anything else: it may still be taken up.`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
