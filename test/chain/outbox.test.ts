import { expect } from 'chai'
import { Interface, toQuantity, Wallet, ZeroHash } from 'ethers'
import { ChainError } from '../../chain/errors.ts'
import { createOutbox, type Outbox, type OutboxOptions } from '../../chain/outbox/outbox.ts'
import type { ChainProvider } from '../../chain/rpc.ts'
import { onEachChainDatabase } from './support/database.ts'
import { clermont, merchant, porto, portoController, signers, TestNetwork, until } from './support/network.ts'

const registry = new Interface(['event ServiceUrlChanged(bytes5 indexed city, string serviceUrl)'])

describe('createOutbox', function () {
  this.timeout(60_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    const running: Outbox[] = []

    beforeEach(async () => {
      network = await TestNetwork.start()
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((outbox) => outbox.stop()))
      await network.stop()
    })

    const create = (options: Partial<OutboxOptions> = {}): Outbox => {
      const outbox = createOutbox({
        db: db(), provider: network.provider, signers, deployment: network.deployment, doubtMs: 200, leaseMs: 1_000, ...options
      })
      running.push(outbox)
      return outbox
    }
    const started = (options: Partial<OutboxOptions> = {}): Outbox => {
      const outbox = create(options)
      outbox.start()
      return outbox
    }
    /** Calls that no contract rule keeps from being sent twice, each to be told from the others. */
    const announce = async (outbox: Outbox, numbers: readonly number[], account = 'porto') => {
      for (const number of numbers) {
        await db().transaction().execute((trx) =>
          outbox.enqueue(trx, {
            account, contract: 'CityRegistry', method: 'changeServiceUrl', key: `${account}:${number}`,
            args: [account === 'porto' ? porto : clermont, `https://${account}.example/${number}`]
          })
        )
      }
    }
    const announced = async (city = porto): Promise<number[]> => {
      const filter = {
        fromBlock: '0x0', toBlock: 'latest', address: network.deployment.contracts.CityRegistry,
        topics: [registry.getEvent('ServiceUrlChanged')?.topicHash, `${city}${'0'.repeat(54)}`]
      }
      const logs = (await network.provider.send('eth_getLogs', [filter])) as { topics: string[]; data: string }[]
      return logs.map((log) => Number(registry.parseLog(log)?.args['serviceUrl'].split('/').at(-1)))
    }
    const settled = async (outbox: Outbox, keys: readonly string[]) => {
      const entries = []
      for (const key of keys) entries.push(await outbox.waitFor(key, { timeoutMs: 20_000 }))
      return entries.map((entry) => entry.state)
    }
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
    const keysOf = (numbers: readonly number[], account = 'porto') => numbers.map((number) => `${account}:${number}`)

    it('sends the calls of an account once each and in the order of writing', async () => {
      const outbox = started()
      await announce(outbox, range(0, 40))
      expect(await settled(outbox, keysOf(range(0, 40)))).to.deep.equal(Array(40).fill('confirmed'))
      expect(await announced()).to.deep.equal(range(0, 40))
    })

    it('sends soon after the commit although the database is polled rarely', async () => {
      const outbox = started({ pollMs: 60_000 })
      await announce(outbox, [1])
      expect((await outbox.waitFor('porto:1', { timeoutMs: 3_000 })).state).to.equal('confirmed')
    })

    it('sends nothing of a transaction that is rolled back', async () => {
      const outbox = started()
      const rolledBack = db().transaction().execute(async (trx) => {
        await outbox.enqueue(trx, { account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', args: [porto, 'https://x/9'], key: 'gone' })
        throw new Error('the business failed')
      })
      await rolledBack.catch(() => undefined)
      await announce(outbox, [1])
      await settled(outbox, ['porto:1'])
      expect(await outbox.state('gone')).to.equal(undefined)
      expect(await announced()).to.deep.equal([1])
    })

    it('takes the same call under the same key once, and refuses another call under it', async () => {
      const outbox = started()
      await announce(outbox, [1])
      await announce(outbox, [1])
      await settled(outbox, ['porto:1'])
      expect(await announced()).to.deep.equal([1])
      const other = db().transaction().execute((trx) =>
        outbox.enqueue(trx, { account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', args: [porto, 'https://x/2'], key: 'porto:1' }))
      expect(await codeOf(other)).to.equal('ERR_CHAIN_KEY_CONFLICT')
    })

    it('refuses arguments that do not fit the method before anything is written', async () => {
      const outbox = create()
      const wrong = db().transaction().execute((trx) =>
        outbox.enqueue(trx, { account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', args: ['0x12', 'https://x'], key: 'wrong' }))
      expect(await codeOf(wrong)).to.equal('ERR_CHAIN_CALL_INVALID')
      expect(await outbox.state('wrong')).to.equal(undefined)
    })

    it('fails a call that the contract refuses with the code of its error and goes on with the next', async () => {
      const outbox = started()
      await announce(outbox, [1])
      await db().transaction().execute((trx) =>
        outbox.enqueue(trx, { account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', args: [clermont, 'https://x/7'], key: 'foreign' }))
      await announce(outbox, [2])
      expect(await settled(outbox, ['porto:1', 'foreign', 'porto:2'])).to.deep.equal(['confirmed', 'failed', 'confirmed'])
      expect((await outbox.state('foreign'))?.errorCode).to.equal('ERR_CITY_REGISTRY_NOT_CONTROLLER')
      expect(await announced()).to.deep.equal([1, 2])
    })

    it('fails a call that reverts only when it is mined, and decodes why', async () => {
      await network.provider.send('evm_setAutomine', [false])
      const outbox = started()
      const root = `0x${'77'.repeat(32)}`
      await db().transaction().execute((trx) =>
        outbox.enqueue(trx, { account: 'porto', contract: 'Anchors', method: 'anchor', args: [porto, 0, 5, root], key: 'first' }))
      await inPool('first')
      const rival = await portoController.signTransaction({
        type: 2, chainId: 7411, nonce: 1, gasLimit: 200_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
        to: network.deployment.contracts.CityRegistry, data: registryCall(porto, merchant.address)
      })
      await network.provider.send('eth_sendRawTransaction', [rival])
      await network.provider.send('evm_mine', [])
      expect(await settled(outbox, ['first'])).to.deep.equal(['confirmed'])
      // An offer of control waits before it can be accepted.
      await network.provider.send('evm_increaseTime', [61])
      await network.provider.send('evm_mine', [])
      await network.provider.send('hardhat_setNonce', [merchant.address, '0x0'])
      await announce(outbox, [1])
      await inPool('porto:1')
      const accept = await merchant.signTransaction({
        type: 2, chainId: 7411, nonce: 0, gasLimit: 1_000_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
        to: network.deployment.contracts.CityRegistry, data: new Interface(['function acceptController(bytes5)']).encodeFunctionData('acceptController', [porto])
      })
      // The rival's transaction goes first: it takes control of the city before our call is mined.
      const [pending] = await rawOf('porto:1')
      await network.provider.send('hardhat_dropTransaction', [pending])
      await network.provider.send('eth_sendRawTransaction', [accept])
      await network.provider.send('evm_mine', [])
      await network.provider.send('eth_sendRawTransaction', [(await rawOf('porto:1'))[1]])
      await network.provider.send('evm_mine', [])
      expect(await settled(outbox, ['porto:1'])).to.deep.equal(['failed'])
      const entry = await outbox.state('porto:1')
      expect(entry?.errorCode).to.equal('ERR_CITY_REGISTRY_NOT_CONTROLLER')
      expect(entry?.transactionHash).to.equal(pending)
    })

    it('shares the work of several workers without sending anything twice', async () => {
      const workers = [started(), started(), started()]
      await Promise.all([
        announce(workers[0] as Outbox, range(0, 20)),
        announce(workers[1] as Outbox, range(0, 20), 'clermont')
      ])
      await settled(workers[2] as Outbox, [...keysOf(range(0, 20)), ...keysOf(range(0, 20), 'clermont')])
      expect(await announced()).to.deep.equal(range(0, 20))
      expect(await announced(clermont)).to.deep.equal(range(0, 20))
    })

    it('waits while the node is away and goes on by itself', async () => {
      const outbox = started()
      await announce(outbox, [1])
      await settled(outbox, ['porto:1'])
      await network.down()
      await announce(outbox, [2, 3])
      await until(() => outbox.status().state === 'waiting', 'the outbox waiting')
      expect(outbox.status().error?.code).to.equal('ERR_CHAIN_UNREACHABLE')
      expect((await outbox.state('porto:2'))?.state).to.equal('queued')
      await network.up()
      expect(await settled(outbox, keysOf([2, 3]))).to.deep.equal(['confirmed', 'confirmed'])
      expect(await announced()).to.deep.equal([1, 2, 3])
    })

    it('sends the very same transaction again when the answer of the node is lost', async () => {
      const sent: string[] = []
      let lost = 0
      const provider: ChainProvider = {
        async send(method, params) {
          const answer = await network.provider.send(method, params)
          if (method !== 'eth_sendRawTransaction') return answer
          sent.push(String(params[0]))
          lost += 1
          if (lost <= 3) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the answer is lost')
          return answer
        }
      }
      const outbox = started({ provider })
      await announce(outbox, [1, 2, 3])
      expect(await settled(outbox, keysOf([1, 2, 3]))).to.deep.equal(['confirmed', 'confirmed', 'confirmed'])
      expect(await announced()).to.deep.equal([1, 2, 3])
      expect(new Set(sent).size).to.equal(3)
    })

    it('sends again in order what a chain that came back shorter no longer holds', async () => {
      const outbox = started()
      await announce(outbox, range(0, 3))
      await settled(outbox, keysOf(range(0, 3)))
      const goBack = await network.remember()
      await announce(outbox, range(3, 9))
      await announce(outbox, range(0, 4), 'clermont')
      await settled(outbox, [...keysOf(range(3, 9)), ...keysOf(range(0, 4), 'clermont')])
      await goBack()
      expect(await announced()).to.deep.equal(range(0, 3))
      await until(async () => (await announced()).length === 9 && (await announced(clermont)).length === 4, 'everything being sent again')
      await announce(outbox, [9])
      await settled(outbox, keysOf(range(0, 10)))
      expect(await announced()).to.deep.equal(range(0, 10))
      expect(await announced(clermont)).to.deep.equal(range(0, 4))
    })

    it('closes the gap when the chain also forgot transactions that are not of the outbox', async () => {
      const outbox = started()
      const goBack = await network.remember()
      const foreign = await portoController.signTransaction({
        type: 2, chainId: 7411, nonce: 0, gasLimit: 21_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, to: Wallet.createRandom().address
      })
      await network.provider.send('eth_sendRawTransaction', [foreign])
      await announce(outbox, [1, 2])
      await settled(outbox, keysOf([1, 2]))
      await goBack()
      await until(async () => (await announced()).length === 2, 'both being sent again')
      expect(await announced()).to.deep.equal([1, 2])
      expect(Number(await network.provider.send('eth_getTransactionCount', [portoController.address, 'latest']))).to.equal(2)
    })

    it('takes a fresh nonce when another program used the one it had', async () => {
      await network.provider.send('evm_setAutomine', [false])
      const outbox = started()
      await announce(outbox, [1])
      await inPool('porto:1')
      const [pending] = await rawOf('porto:1')
      await network.provider.send('hardhat_dropTransaction', [pending])
      const foreign = await portoController.signTransaction({
        type: 2, chainId: 7411, nonce: 0, gasLimit: 21_000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, to: Wallet.createRandom().address
      })
      await network.provider.send('eth_sendRawTransaction', [foreign])
      await network.provider.send('evm_mine', [])
      await network.provider.send('evm_setAutomine', [true])
      expect(await settled(outbox, ['porto:1'])).to.deep.equal(['confirmed'])
      expect(await announced()).to.deep.equal([1])
    })

    it('replaces a transaction that no block takes by one with the same nonce and a higher fee', async () => {
      const gwei = 10n ** 9n
      await network.provider.send('hardhat_setBalance', [portoController.address, toQuantity(10n ** 20n)])
      await network.provider.send('hardhat_setNextBlockBaseFeePerGas', [toQuantity(gwei)])
      await network.provider.send('evm_mine', [])
      await network.provider.send('evm_setAutomine', [false])
      const outbox = started({ stuckAfterMs: 400 })
      await announce(outbox, [1])
      await until(async () => (await transactionsOf('porto:1')).length >= 2, 'a replacement')
      const [first, second] = await transactionsOf('porto:1')
      expect(second?.nonce).to.equal(first?.nonce)
      expect(Number(second?.max_fee_per_gas)).to.be.greaterThan(Number(first?.max_fee_per_gas) * 1.1)
      await network.provider.send('evm_mine', [])
      expect(await settled(outbox, ['porto:1'])).to.deep.equal(['confirmed'])
      expect(await announced()).to.deep.equal([1])
    })

    it('waits for as many blocks as it is told', async () => {
      const outbox = started({ confirmations: 3 })
      await announce(outbox, [1])
      await until(async () => (await announced()).length === 1, 'the transaction being mined')
      await network.provider.send('evm_mine', [])
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect((await outbox.state('porto:1'))?.state).to.equal('sent')
      await network.provider.send('evm_mine', [])
      expect(await settled(outbox, ['porto:1'])).to.deep.equal(['confirmed'])
    })

    it('sends nothing to another chain and says so', async () => {
      const outbox = started()
      await announce(outbox, [1])
      await settled(outbox, ['porto:1'])
      const swapBack = await network.swap()
      await announce(outbox, [2])
      await until(() => outbox.status().error?.code === 'ERR_CHAIN_MISMATCH', 'the mismatch being seen')
      expect(await network.provider.send('eth_blockNumber', [])).to.equal('0x0')
      expect((await outbox.state('porto:1'))?.state).to.equal('confirmed')
      await swapBack()
      expect(await settled(outbox, ['porto:2'])).to.deep.equal(['confirmed'])
      expect(await announced()).to.deep.equal([1, 2])
    })

    it('lets other accounts go on when the key of one is missing', async () => {
      const outbox = started()
      await db().transaction().execute((trx) =>
        outbox.enqueue(trx, { account: 'nobody', contract: 'CityRegistry', method: 'changeServiceUrl', args: [porto, 'https://x/5'], key: 'nobody' }))
      await announce(outbox, [1])
      expect(await settled(outbox, ['porto:1'])).to.deep.equal(['confirmed'])
      expect((await outbox.state('nobody'))?.state).to.equal('queued')
    })

    it('does not hold what would revert for ever behind a call that never goes, nor what comes after it', async () => {
      const outbox = started({ othersPatienceMs: 500 })
      const enqueue = async (account: string, city: string, key: string) => {
        await db().transaction().execute((trx) => outbox.enqueue(trx, { account, contract: 'CityRegistry', method: 'changeServiceUrl', args: [city, 'https://x/5'], key }))
      }
      await enqueue('nobody', porto, 'nobody')
      await enqueue('porto', clermont, 'foreign')
      await announce(outbox, [1])
      expect(await settled(outbox, ['foreign', 'porto:1'])).to.deep.equal(['failed', 'confirmed'])
      expect((await outbox.state('nobody'))?.state).to.equal('queued')
    })

    it('says how much waits', async () => {
      const outbox = create()
      await announce(outbox, [1, 2])
      expect(await outbox.depth()).to.deep.equal({ queued: 2, sent: 0, failed: 0 })
      expect(outbox.status()).to.deep.equal({ state: 'stopped' })
      expect(await codeOf(outbox.waitFor('porto:1', { timeoutMs: 30 }))).to.equal('ERR_CHAIN_TIMEOUT')
    })

    const transactionsOf = async (key: string) =>
      await db()
        .selectFrom('chain_outbox_transactions')
        .innerJoin('chain_outbox', 'chain_outbox.id', 'chain_outbox_transactions.outbox_id')
        .select(['hash', 'raw', 'chain_outbox_transactions.nonce', 'max_fee_per_gas'])
        .where('key', '=', key)
        .orderBy('signed_at_ms')
        .execute()
    const inPool = async (key: string) => {
      const isThere = async () => (await network.provider.send('eth_getTransactionByHash', [(await rawOf(key))[0] || ZeroHash])) !== null
      await until(isThere, 'the call being in the pool')
    }
    const rawOf = async (key: string): Promise<[hash: string, raw: string]> => {
      const [transaction] = await transactionsOf(key)
      return [transaction?.hash ?? '', transaction?.raw ?? '']
    }
  })
})

function registryCall(city: string, controller: string): string {
  return new Interface(['function offerController(bytes5,address)']).encodeFunctionData('offerController', [city, controller])
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(() => undefined, (error: unknown) => (error instanceof ChainError ? error.code : String(error)))
}
