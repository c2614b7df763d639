import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HDNodeWallet, Mnemonic, Wallet } from 'ethers'
import { network } from 'hardhat'
import { startEmbeddedChain } from '../../chain/embedded.ts'
import { createRpcProvider } from '../../chain/rpc.ts'
import { freePort } from '../fakes/postgres.ts'
import { startEthereumJsNode, type RunningNode } from './ethereumjs-node.ts'

/*
 * The chain that the contracts' TypeScript tests run on: Hardhat's own engine, or EthereumJS when `SYMBOLON_TEST_ENGINE` says so. What asks
 * for a node over HTTP runs on anvil too.
 */

const onAnvil = process.env['SYMBOLON_TEST_ENGINE'] === 'anvil'
const onEthereumJs = process.env['SYMBOLON_TEST_ENGINE'] === 'ethereumjs'

/** Hardhat's own development accounts. */
const mnemonic = Mnemonic.fromPhrase('test test test test test test test test test test test junk')

/** A fresh chain with twenty rich accounts, and ethers on top of it. */
export async function connect() {
  if (!onEthereumJs) return await network.create()
  const wallets = Array.from({ length: 20 }, (_, index) => new Wallet(HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`).privateKey))
  const { url } = await startEthereumJsNode({ chainId: 31337, wallets })
  return await network.create({ network: 'ethereumjs', override: { url } })
}

/** A fresh chain that answers over HTTP, where the wallets are rich. */
export async function startNode(chainId: number, wallets: readonly Wallet[]): Promise<Omit<RunningNode, 'port'>> {
  if (onEthereumJs) return await startEthereumJsNode({ chainId, wallets })
  if (onAnvil) return await startAnvil(chainId, wallets)
  const accounts = wallets.map(({ privateKey }) => ({ privateKey, balance: 10n ** 24n }))
  const override = { type: 'edr-simulated', chainId, hardfork: 'cancun', initialBaseFeePerGas: 0, accounts } as const
  const server = await network.createServer({ network: 'default', override }, '127.0.0.1', 0)
  const { address, port } = await server.listen()
  return { url: `http://${address}:${port}`, close: async () => { await server.close() } }
}

async function startAnvil(chainId: number, wallets: readonly Wallet[]): Promise<Omit<RunningNode, 'port'>> {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-anvil-'))
  const chain = await startEmbeddedChain({ dataDir: folder, port: await freePort(), chainId })
  const provider = createRpcProvider({ rpcUrl: chain.rpcUrl })
  for (const { address } of wallets) await provider.send('hardhat_setBalance', [address, `0x${(10n ** 24n).toString(16)}`])
  return {
    url: chain.rpcUrl,
    close: async () => {
      await chain.stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}
