import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Wallet } from 'ethers'
import { accountCommands } from '../../../scripts/account/commands.ts'
import { cityCommands } from '../../../scripts/city/commands.ts'
import { federationCommands } from '../../../scripts/federation/commands.ts'
import { runCommandLine, type Ask } from '../../../scripts/lib/command-line.ts'
import { Sender } from '../../chain/support/sender.ts'
import { TestNetwork } from '../../chain/support/network.ts'

export interface Outcome {
  readonly code: number
  readonly said: string
  readonly complaints: string
}

/** Somebody who types commands, with a folder for files. */
export class Operator {
  readonly folder = mkdtempSync(join(tmpdir(), 'symbolon-operator-'))
  /** Everything that was ever printed. */
  readonly #heard: string[] = []

  write(name: string, text: string, mode = 0o600): string {
    const file = join(this.folder, name)
    writeFileSync(file, text, { mode })
    return file
  }

  keyOf(wallet: Wallet): string {
    return this.write(`${wallet.address}.key`, `${wallet.privateKey}\n`)
  }

  async run(args: readonly string[], { ask, stopped = new AbortController().signal }: { ask?: Ask; stopped?: AbortSignal } = {}): Promise<Outcome> {
    const said: string[] = []
    const complaints: string[] = []
    const code = await runCommandLine('symbolon', [federationCommands, cityCommands, accountCommands], args, {
      print: (line) => said.push(line), complain: (line) => complaints.push(line), stopped, ask
    })
    this.#heard.push(...said, ...complaints)
    return { code, said: said.join('\n'), complaints: complaints.join('\n') }
  }

  /** That nothing of all that was printed held one of these. */
  expectUntold(secrets: readonly string[]): void {
    expect(this.#heard.length).to.be.greaterThan(0)
    for (const secret of secrets) expect(this.#heard.join('\n').toLowerCase()).not.to.contain(secret.replace(/^0x/, '').toLowerCase())
  }

  leave(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A founded federation, set back after each test, and an operator beside it. */
export class OperatorScene {
  readonly operator = new Operator()
  readonly network: TestNetwork
  readonly sender: Sender
  /** The options that say where the federation is. */
  readonly place: readonly string[]
  #snapshot: unknown

  private constructor(network: TestNetwork) {
    this.network = network
    this.sender = new Sender(network.provider, network.deployment)
    this.place = ['--deployment', this.operator.write('deployment.json', JSON.stringify(network.deployment)), '--rpc', network.rpcUrl]
  }

  static async begin(): Promise<OperatorScene> {
    return new OperatorScene(await TestNetwork.start('founded'))
  }

  async remember(): Promise<void> {
    this.#snapshot = await this.network.provider.send('evm_snapshot', [])
  }

  async setBack(): Promise<void> {
    await this.network.provider.send('evm_revert', [this.#snapshot])
  }

  /** How many transactions an account has sent, with those that wait. */
  async sentBy(wallet: Wallet): Promise<number> {
    return Number(await this.network.provider.send('eth_getTransactionCount', [wallet.address, 'pending']))
  }

  async end(): Promise<void> {
    await this.network.stop()
    this.operator.leave()
  }
}
