import { expect } from 'chai'
import { encodeBytes32String, JsonRpcProvider, keccak256, Wallet } from 'ethers'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContracts } from '../../../chain/contracts.ts'
import { parseDeployment } from '../../../chain/deployment.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../../chain/embedded.ts'
import { deploySymbolon } from '../../../scripts/deploy.ts'
import { federationCommands } from '../../../scripts/federation/commands.ts'
import { readFoundingFile } from '../../../scripts/federation/founding-file.ts'
import { runCommandLine } from '../../../scripts/lib/command-line.ts'
import { SetupError } from '../../../scripts/lib/setup-error.ts'
import { freePort } from '../../fakes/postgres.ts'

const example = 'deploy/founding.example.yaml'

describe('symbolon federation', () => {
  let folder: string
  let chain: EmbeddedChain | undefined

  before(() => { folder = mkdtempSync(join(tmpdir(), 'symbolon-founding-')) })
  after(async () => {
    await chain?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const run = async (...args: string[]) => {
    const said: string[] = []
    const complaints: string[] = []
    const code = await runCommandLine('symbolon', [federationCommands], ['federation', ...args], {
      print: (line) => said.push(line), complain: (line) => complaints.push(line), stopped: new AbortController().signal,
    })
    return { code, said: said.join('\n'), complaints: complaints.join('\n') }
  }
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const refusal = (text: string): string => {
    try {
      readFoundingFile(write('wrong.yaml', text))
      return 'accepted'
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      return error.message
    }
  }

  it('founds what the example says, gives every power away, and does nothing the second time', async function foundTwice() {
    this.timeout(120_000)
    chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort(), chainId: 7411 })
    const { rpcUrl } = chain
    const options = ['--file', example, '--rpc', rpcUrl, '--deployer-key', write('deployer.key', `0x${'19'.repeat(32)}\n`), '--out', join(folder, 'deployment.json')]
    expect(await run('found', ...options)).to.deep.include({ code: 0, complaints: '' })
    const powers = ['powers', '--deployment', join(folder, 'deployment.json'), '--rpc', rpcUrl]
    expect(await run(...powers)).to.deep.include({ code: 0, complaints: '' })
    const addresses = readFileSync(join(folder, 'deployment.json'), 'utf8')
    expect((await run('found', ...options)).code).to.equal(0)
    expect(readFileSync(join(folder, 'deployment.json'), 'utf8')).to.equal(addresses)
    const stranger = write('stranger.key', `0x${'29'.repeat(32)}`)
    const again = await run('found', '--file', example, '--rpc', rpcUrl, '--deployer-key', stranger, '--out', join(folder, 'other', 'deployment.json'))
    expect(again.code, 'a stranger founds a federation of its own').to.equal(0)
    expect(readFileSync(join(folder, 'other', 'deployment.json'), 'utf8')).not.to.equal(addresses)
  })

  it('says that contracts still belong to whoever deployed them', async function unfounded() {
    this.timeout(120_000)
    const rpcUrl = chain?.rpcUrl ?? ''
    const deployer = new Wallet(`0x${'39'.repeat(32)}`)
    const deployment = await deploySymbolon({ rpcUrl, deployerPrivateKey: deployer.privateKey, deploymentDir: join(folder, 'unfounded') })
    const powers = ['powers', '--deployment', write('unfounded.json', JSON.stringify(deployment)), '--rpc', rpcUrl]
    const { code, said, complaints } = await run(...powers)
    expect({ code, said }).to.deep.equal({ code: 1, said: '' })
    for (const name of ['CityRegistry', 'Directory', 'Guardian']) expect(complaints).to.contain(`${deployer.address} owns ${name}`)

    // The Guardian of the federation that was founded above takes its place.
    const founded = parseDeployment(JSON.parse(readFileSync(join(folder, 'deployment.json'), 'utf8')))
    const provider = new JsonRpcProvider(rpcUrl, 7411, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 })
    const { Directory } = createContracts(parseDeployment(deployment), deployer.connect(provider))
    const target = founded.contracts.Guardian
    await (await Directory.set(encodeBytes32String('Guardian'), target, keccak256(await provider.getCode(target)))).wait()
    provider.destroy()
    const later = await run(...powers)
    expect(later.said).to.contain(`Guardian was replaced: it stands at ${target}.`)
    expect(later.complaints).to.contain(`${founded.contracts.Timelock} owns Guardian`).and.to.contain('owns CityRegistry')
    expect(later.complaints).not.to.contain(`${deployer.address} owns Guardian`)
  })

  it('hashes documents where they lie', () => {
    write('agreement.pdf', 'abc')
    const { cities, parameters } = readFoundingFile(write('founding.yaml', readFileSync(example, 'utf8').replace(/agreement: '0x1+'/, 'agreement: agreement.pdf')))
    expect(cities[0]?.agreementHash).to.equal('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(parameters).to.deep.include({ quorumPercent: 50, votingPeriodSeconds: 7 * 86_400 })
  })

  it('names each field that is wrong, and never guesses', () => {
    const text = readFileSync(example, 'utf8')
    expect(refusal(text.replace('locode: PTOPO', 'locode: porto'))).to.contain('cities.0.locode: a UN/LOCODE')
    expect(refusal(text.replace("'0x00000000000000000000000000000000000000b1'", 'porto'))).to.contain('cities.0.controller: an account')
    expect(refusal(text.replace('quorumPercent: 50', 'quorumPercent: 0'))).to.contain('parameters.quorumPercent')
    expect(refusal(text.replace('quorumPercent: 50', 'quorum: 50'))).to.contain('quorum')
    expect(refusal(text.replace('quorumPercent: 50', 'timelockDelaySeconds: 2592001'))).to.contain('parameters.timelockDelaySeconds')
    expect(refusal(text.replace(/agreement: '0x1+'/, 'agreement: missing.pdf'))).to.contain('missing.pdf cannot be read')
    expect(refusal('guardian: [')).to.contain('is no YAML')
    expect(() => readFoundingFile(join(folder, 'nowhere.yaml'))).to.throw(SetupError, 'deploy/founding.example.yaml')
  })

  it('says what a key file lacks before anything is sent', async () => {
    const options = ['--file', example, '--rpc', 'http://127.0.0.1:9', '--out', join(folder, 'never', 'deployment.json')]
    expect((await run('found', ...options, '--deployer-key', join(folder, 'no.key'))).complaints).to.contain('There is no key file')
    expect((await run('found', ...options, '--deployer-key', write('bad.key', '0x1234'))).complaints).to.contain('holds no private key')
  })
})
