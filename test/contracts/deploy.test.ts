import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Contract, encodeBytes32String, JsonRpcProvider, keccak256, Wallet } from 'ethers'
import { directoryAbi } from '../../chain/abi/directory.ts'
import { rewardTokenAbi } from '../../chain/abi/reward-token.ts'
import { startEmbeddedChain } from '../../chain/embedded.ts'
import { contractNames } from '../../scripts/compile-contracts.ts'
import { deploySymbolon, type SymbolonDeployment } from '../../scripts/deploy.ts'
import type { DeploymentErrorCode } from '../../scripts/lib/deployment-error.ts'
import { startNode } from '../evm/connect.ts'

const deployer = new Wallet(Wallet.createRandom().privateKey)

describe('deploySymbolon', () => {
  let dir: string
  let rpcUrl: string
  let close: () => Promise<void>
  let provider: JsonRpcProvider

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'symbolon-deploy-'))
  })

  afterEach(async () => {
    await stopChain()
    await rm(dir, { recursive: true, force: true })
  })

  const connectTo = (url: string, chainId: number) => {
    rpcUrl = url
    provider = new JsonRpcProvider(rpcUrl, chainId, { staticNetwork: true, cacheTimeout: -1 })
  }
  /** A chain in memory, on the engine that was chosen. */
  const startChain = async (chainId = 7411) => {
    const node = await startNode(chainId, [deployer])
    close = () => node.close()
    connectTo(node.url, chainId)
  }
  /** The chain that ships with the project, which keeps what it knows in a folder and asks for no fees. */
  const startKeptChain = async () => {
    const chain = await startEmbeddedChain({ dataDir: join(dir, 'chain'), port: await freePort(), chainId: 7411 })
    close = () => chain.stop()
    connectTo(chain.rpcUrl, 7411)
  }
  const stopChain = async () => {
    provider.destroy()
    await close()
  }
  const options = () => ({ rpcUrl, deployerPrivateKey: deployer.privateKey, deploymentDir: join(dir, 'journal') })
  const sent = async (): Promise<number> => await provider.getTransactionCount(deployer.address)

  const expectComplete = async (deployment: SymbolonDeployment) => {
    expect(Object.keys(deployment.contracts)).to.deep.equal(contractNames)
    const directory = new Contract(deployment.contracts.Directory, directoryAbi, provider)
    const token = new Contract(deployment.contracts.RewardToken, rewardTokenAbi, provider)
    for (const name of contractNames) {
      const address = deployment.contracts[name]
      const [target, codeHash] = await directory.getFunction('get').staticCall(encodeBytes32String(name)) as [string, string]
      expect(target, name).to.equal(address)
      expect(codeHash, name).to.equal(keccak256(await provider.getCode(address)))
      const operator = name === 'RewardPrograms' || name === 'Settlement'
      expect(await token.getFunction('isOperator').staticCall(address), name).to.equal(operator)
    }
    expect(await directory.getFunction('owner').staticCall()).to.equal(deployer.address)
  }

  it('deploys all contracts on a chain without fees, with an account that holds nothing, and enters them in the Directory with their code hashes', async () => {
    await startKeptChain()
    expect(await provider.getBalance(deployer.address)).to.equal(0n)
    const deployment = await deploySymbolon(options())
    expect(deployment.chainId).to.equal(7411)
    expect(deployment.deployedAtBlock).to.equal(1)
    await expectComplete(deployment)
  })

  it('deploys on a chain with fees', async () => {
    await startChain()
    await provider.send('hardhat_setNextBlockBaseFeePerGas', ['0x3b9aca00'])
    await provider.send('evm_mine', [])
    const before = await provider.getBalance(deployer.address)
    await expectComplete(await deploySymbolon(options()))
    expect(await provider.getBalance(deployer.address) < before, 'fees were paid').to.equal(true)
  })

  it('changes nothing when it is run a second time, even after a restart of the chain', async () => {
    await startKeptChain()
    const first = await deploySymbolon(options())
    const [block, transactions] = [await provider.getBlockNumber(), await sent()]
    expect(await deploySymbolon(options())).to.deep.equal(first)
    await stopChain()
    await startKeptChain()
    expect(await deploySymbolon(options())).to.deep.equal(first)
    expect(await provider.getBlockNumber()).to.equal(block)
    expect(await sent()).to.equal(transactions)
  })

  it('finishes what was begun when it is killed half way, and again, at any point', async () => {
    await startChain()
    for (const after of [1, 4, 9, 13, 18]) await deployAndKill(options(), after)
    expect(await sent()).to.be.lessThan(20)
    const deployment = await deploySymbolon(options())
    await expectComplete(deployment)
    expect(await sent(), 'nothing was sent twice').to.equal((contractNames.length - 1) + contractNames.length + 2)
    expect(deployment.deployedAtBlock).to.equal(1)
  })

  it('takes a journal whose last line was cut off', async () => {
    await startChain()
    const first = await deploySymbolon(options())
    await appendFile(join(options().deploymentDir, 'journal.jsonl'), '\n{"type":"DEPLOYMENT_INITIAL')
    expect(await deploySymbolon(options())).to.deep.equal(first)
  })

  it('begins anew on a chain that was reset, and keeps the old journal', async () => {
    await startChain()
    await deploySymbolon(options())
    await stopChain()
    await startChain()
    await expectComplete(await deploySymbolon(options()))
    expect(existsSync(join(dir, 'journal.reset-1', 'journal.jsonl'))).to.equal(true)
  })

  it('refuses a chain that was reset when told to', async () => {
    await startChain()
    await deploySymbolon(options())
    await stopChain()
    await startChain()
    await expectCode(deploySymbolon({ ...options(), onReset: 'fail' }), 'ERR_DEPLOYMENT_CHAIN_RESET')
    expect(await sent()).to.equal(0)
  })

  it('refuses a chain with another id', async () => {
    await startChain()
    await deploySymbolon(options())
    await stopChain()
    await startChain(7412)
    await expectCode(deploySymbolon(options()), 'ERR_DEPLOYMENT_CHAIN_MISMATCH')
    expect(await sent()).to.equal(0)
  })

  it('says so when the chain does not answer', async () => {
    await startChain()
    const nowhere = `http://127.0.0.1:${await freePort()}`
    await expectCode(deploySymbolon({ ...options(), rpcUrl: nowhere }), 'ERR_DEPLOYMENT_CHAIN_UNREACHABLE')
  })
}).timeout(240_000)

async function expectCode(promise: Promise<unknown>, code: DeploymentErrorCode): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason as { code?: string })
  expect(error?.code).to.equal(code)
}

/** Deploys in a process of its own that is killed as soon as the journal tells of so many transactions. */
async function deployAndKill(options: { deploymentDir: string }, transactions: number): Promise<void> {
  const program = `import { deploySymbolon } from ${JSON.stringify(join(import.meta.dirname, '../../scripts/deploy.ts'))}
await deploySymbolon(${JSON.stringify(options)})`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const journal = join(options.deploymentDir, 'journal.jsonl')
  while (child.exitCode === null && child.signalCode === null) {
    const text = existsSync(journal) ? await readFile(journal, 'utf8') : ''
    if (text.split('"TRANSACTION_SEND"').length - 1 >= transactions) child.kill('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await ended
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
