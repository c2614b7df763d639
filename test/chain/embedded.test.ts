import { expect } from 'chai'
import { Wallet } from 'ethers'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChainError } from '../../chain/errors.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../chain/embedded.ts'
import { createRpcProvider, fetchHeader, fetchReceipt } from '../../chain/rpc.ts'
import { freePort, until } from './support/network.ts'

const wallet = new Wallet(`0x${'e5'.repeat(32)}`)
/** Init code of a contract that emits an empty log at every call. */
const emitter = '0x6560006000a0006000526006601af3'

describe('startEmbeddedChain', function () {
  this.timeout(30_000)
  let dataDir: string
  const running: EmbeddedChain[] = []

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'symbolon-embedded-'))
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((chain) => chain.stop()))
    await rm(dataDir, { recursive: true, force: true })
  })

  const start = async (options: { port?: number; chainId?: number } = {}) => {
    const chain = await startEmbeddedChain({ dataDir, port: options.port ?? (await freePort()), ...options })
    running.push(chain)
    return { ...chain, provider: createRpcProvider({ rpcUrl: chain.rpcUrl }) }
  }
  type Chain = Awaited<ReturnType<typeof start>>
  const stop = async (chain: Chain) => {
    running.splice(0)
    await chain.stop()
  }
  const send = async (chain: Chain, nonce: number, to: string | null, data = '0x') => {
    const raw = await wallet.signTransaction({
      type: 2, chainId: chain.chainId, nonce, to, data, gasLimit: 200_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0
    })
    const hash = String(await chain.provider.send('eth_sendRawTransaction', [raw]))
    await until(async () => (await fetchReceipt(chain.provider, hash)) !== undefined, 'the transaction being mined')
    return hash
  }
  const contractOf = async (chain: Chain, hash: string) => {
    const receipt = (await chain.provider.send('eth_getTransactionReceipt', [hash])) as { contractAddress: string }
    return receipt.contractAddress
  }
  const countLogs = async (chain: Chain) =>
    ((await chain.provider.send('eth_getLogs', [{ fromBlock: '0x0', toBlock: 'latest' }])) as unknown[]).length

  it('takes transactions without fees from accounts that hold nothing', async () => {
    const chain = await start()
    expect(await chain.provider.send('eth_chainId', [])).to.equal('0x1cf3')
    expect(await chain.provider.send('eth_gasPrice', [])).to.equal('0x0')
    expect((await fetchReceipt(chain.provider, await send(chain, 0, wallet.address)))?.succeeded).to.equal(true)
    expect((await fetchHeader(chain.provider, 'latest'))?.baseFeePerGas).to.equal(0n)
  })

  it('has the same blocks, receipts and logs after each of many restarts', async () => {
    let chain = await start()
    const deployed = await send(chain, 0, null, emitter)
    const address = await contractOf(chain, deployed)
    const called = await send(chain, 1, address)
    const hashes = async () => await Promise.all([0, 1, 2].map(async (number) => (await fetchHeader(chain.provider, number))?.hash))
    const before = { hashes: await hashes(), receipt: await fetchReceipt(chain.provider, called) }
    // From the third start on the engine could come up with another first block.
    for (let restart = 0; restart < 5; restart += 1) {
      await stop(chain)
      chain = await start()
      expect(await hashes(), `restart ${restart}`).to.deep.equal(before.hashes)
      expect(await fetchReceipt(chain.provider, called)).to.deep.equal(before.receipt)
      expect(await countLogs(chain)).to.equal(1)
    }
    await send(chain, 2, address)
    expect(await countLogs(chain)).to.equal(2)
  })

  it('holds after a kill what was flushed before', async () => {
    const chain = await start()
    const hash = await send(chain, 0, wallet.address)
    const first = await fetchHeader(chain.provider, 0)
    await chain.flush()
    process.kill(chain.pid, 'SIGKILL')
    expect((await chain.exited).signal).to.equal('SIGKILL')
    const again = await start()
    expect(await fetchReceipt(again.provider, hash)).to.not.equal(undefined)
    expect((await fetchHeader(again.provider, 0))?.hash).to.equal(first?.hash)
  })

  it('has the same first block after a kill right after its very first start', async () => {
    const chain = await start()
    const first = await fetchHeader(chain.provider, 0)
    process.kill(chain.pid, 'SIGKILL')
    await chain.exited
    expect((await fetchHeader((await start()).provider, 0))?.hash).to.equal(first?.hash)
  })

  it('starts from its second copy when the state file was cut off', async () => {
    const chain = await start()
    const hash = await send(chain, 0, wallet.address)
    await chain.flush()
    const copy = join(dataDir, 'chain-state.copy.json')
    await until(async () => (await readFile(copy, 'utf8').catch(() => '')).includes(hash), 'the second copy', 20_000)
    await stop(chain)
    await truncate(join(dataDir, 'chain-state.json'), 500)
    const again = await start()
    expect(again.recovered).to.equal(true)
    expect(await fetchReceipt(again.provider, hash)).to.not.equal(undefined)
  })

  it('says that the state file is damaged when there is no copy', async () => {
    await writeFile(join(dataDir, 'chain-state.json'), '{"blocks":[{"hea')
    expect(await codeOf(start())).to.equal('ERR_CHAIN_STATE_DAMAGED')
    await writeFile(join(dataDir, 'chain-state.json'), '{"something":"else"}')
    expect(await codeOf(start())).to.equal('ERR_CHAIN_STATE_DAMAGED')
  })

  it('says that the port is taken', async () => {
    const server = createServer()
    const port = await freePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect(await codeOf(start({ port }))).to.equal('ERR_CHAIN_PORT_BUSY')
    await new Promise((resolve) => server.close(resolve))
  })

  it('ends the engine that a killed parent left behind and goes on from its state', async () => {
    const port = await freePort()
    const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', `
      import { startEmbeddedChain } from ${JSON.stringify(fileURLToPath(new URL('../../chain/embedded.ts', import.meta.url)))}
      const chain = await startEmbeddedChain({ dataDir: ${JSON.stringify(dataDir)}, port: ${port} })
      console.log('started')
    `], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => parent.stdout.once('data', resolve))
    const orphan = createRpcProvider({ rpcUrl: `http://127.0.0.1:${port}` })
    const first = await fetchHeader(orphan, 0)
    parent.kill('SIGKILL')
    await new Promise((resolve) => parent.once('exit', resolve))
    expect((await fetchHeader(orphan, 0))?.hash).to.equal(first?.hash)
    const chain = await start({ port })
    expect((await fetchHeader(chain.provider, 0))?.hash).to.equal(first?.hash)
  })
})

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(() => undefined, (error: unknown) => (error instanceof ChainError ? error.code : String(error)))
}
