import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parse } from 'smol-toml'

interface Lists {
  readonly enodes: readonly string[]
  readonly accounts: readonly string[]
}

/**
 * A Besu node as far as its `PERM` and `QBFT` methods go and what it says of itself, with Besu's own error codes: it reads its permissions file at the start and when
 * told to, and goes on with its old lists when the file cannot be read.
 *
 * @see https://github.com/besu-eth/besu/blob/3fd224e2e49ddd68aa61755525593a0a60c65507/ethereum/api/src/main/java/org/hyperledger/besu/ethereum/api/jsonrpc/internal/response/RpcErrorType.java
 */
export class FakeBesuNode {
  /** Which API groups it was given with `rpc-http-api`. */
  apis: readonly string[] = ['ETH', 'NET', 'WEB3', 'PERM', 'QBFT']
  /** Whether its allow-lists are switched on at all. */
  isPermissioned = true
  /** The only token it takes; undefined: it wants none. */
  token: string | undefined
  validators: readonly string[] = []
  readonly proposals = new Map<string, boolean>()
  client = 'besu/v26.3.0/linux-x86_64/openjdk-java-25'
  chainId = 7411
  peers = 5
  isSyncing = false
  /** Its newest block. Every look at it lets `pace` more be made, by the validators in turn without those of `silent`. */
  block = 100
  pace = 1
  silent: readonly string[] = []
  /** What was called, in order. */
  readonly calls: string[] = []
  readonly #file: string
  #lists: Lists = { enodes: [], accounts: [] }
  #server: Server | undefined
  #port = 0

  constructor(permissionsFile: string) {
    this.#file = permissionsFile
  }

  get rpcUrl(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get lists(): Lists {
    return this.#lists
  }

  /** Starts it, on the same port as before. Without a file it begins with empty lists. */
  async start(): Promise<this> {
    await this.#read().catch(() => undefined)
    this.#server = createServer((request, response) => {
      void bodyOf(request).then(async (body) => {
        const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] }
        this.calls.push(method)
        const authorized = this.token === undefined || request.headers.authorization === `Bearer ${this.token}`
        const answer = authorized ? await this.#answer(method, params) : { error: { code: -40_100, message: 'Unauthorized' } }
        response.writeHead(authorized ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }))
      })
    })
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
  }

  async #read(): Promise<void> {
    const value = parse(await readFile(this.#file, 'utf8'))
    this.#lists = { enodes: value['nodes-allowlist'] as string[], accounts: (value['accounts-allowlist'] as string[]).map((account) => account.toLowerCase()) }
  }

  async #answer(method: string, params: readonly unknown[]): Promise<object> {
    const [group = ''] = method.split('_')
    if (!this.apis.includes(group.toUpperCase())) return { error: { code: -32_604, message: 'Method not enabled' } }
    if (group === 'perm' && !this.isPermissioned) return { error: { code: -32_000, message: 'Node/Account allowlist has not been enabled' } }
    switch (method) {
      case 'perm_getNodesAllowlist':
        return { result: this.#lists.enodes }
      case 'perm_getAccountsAllowlist':
        return { result: this.#lists.accounts }
      case 'perm_reloadPermissionsFromFile':
        return await this.#read().then(() => ({ result: 'Success' }), () => ({ error: { code: -32_000, message: 'Error reloading permissions file.' } }))
      case 'qbft_getValidatorsByBlockNumber':
        return { result: this.validators.map((address) => address.toLowerCase()) }
      case 'web3_clientVersion':
        return { result: this.client }
      case 'eth_chainId':
        return { result: hex(this.chainId) }
      case 'net_peerCount':
        return { result: hex(this.peers) }
      case 'eth_syncing':
        return { result: this.isSyncing ? { startingBlock: '0x0', currentBlock: hex(this.block), highestBlock: hex(this.block + 500) } : false }
      case 'eth_blockNumber':
        this.block += this.pace
        return { result: hex(this.block) }
      case 'qbft_getSignerMetrics':
        return this.#metrics(Number(params[0]))
      case 'qbft_proposeValidatorVote':
        this.proposals.set(String(params[0]), params[1] === true)
        return { result: true }
      case 'qbft_discardValidatorVote':
        this.proposals.delete(String(params[0]))
        return { result: true }
      case 'qbft_getPendingVotes':
        return { result: Object.fromEntries(this.proposals) }
      default:
        return { error: { code: -32_601, message: 'Method not found' } }
    }
  }

  /** As Besu's AbstractGetSignerMetricsMethod counts: without the newest block, and with validators that made none. */
  #metrics(from: number): object {
    if (from >= this.block) return { error: { code: -32_602, message: 'Invalid block number params' } }
    const makers = this.validators.filter((validator) => !this.silent.includes(validator))
    const madeBy = (validator: string): number[] => Array.from({ length: this.block - from }, (_, index) => from + index).filter((block) => makers[block % makers.length] === validator)
    return {
      result: this.validators.map((validator) => {
        const blocks = madeBy(validator)
        return { address: validator.toLowerCase(), proposedBlockCount: hex(blocks.length), lastProposedBlockNumber: hex(blocks.at(-1) ?? 0) }
      })
    }
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
