import { expect } from 'chai'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeCall } from '../../chain/contracts.ts'
import { contractNames, parseDeployment, readDeployment } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'

const address = '0x5fbdb2315678afecb367f032d93f642f64180aa3'
const deployment = { chainId: 7411, deployedAtBlock: 1, contracts: Object.fromEntries(contractNames.map((name) => [name, address])) }

describe('parseDeployment', () => {
  it('takes a deployment and writes its addresses with checksum', () => {
    expect(parseDeployment(deployment).contracts.StatusLists).to.equal('0x5FbDB2315678afecb367f032d93F642f64180aa3')
  })

  it('refuses a contract that is missing, an address that is none and a chain without a number', () => {
    const others = Object.fromEntries(contractNames.filter((name) => name !== 'Anchors').map((name) => [name, address]))
    const wrong = [
      { ...deployment, contracts: others },
      { ...deployment, contracts: { ...deployment.contracts, Anchors: '0x12' } },
      { ...deployment, chainId: 'main' },
      { ...deployment, deployedAtBlock: -1 },
      'deployment'
    ]
    for (const value of wrong) expect(() => parseDeployment(value)).to.throw(ChainError).with.property('code', 'ERR_CHAIN_DEPLOYMENT_INVALID')
  })

  it('reads a file, and says which one when it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'symbolon-deployment-'))
    const file = join(folder, 'deployment.json')
    await writeFile(file, JSON.stringify(deployment))
    expect((await readDeployment(file)).chainId).to.equal(7411)
    await writeFile(file, '{"chainId":')
    const error = await readDeployment(file).then(() => undefined, (reason: unknown) => reason)
    expect(error).to.be.instanceOf(ChainError).with.property('code', 'ERR_CHAIN_DEPLOYMENT_INVALID')
    expect((error as Error).message).to.include(file)
    await rm(folder, { recursive: true })
  })
})

describe('encodeCall', () => {
  it('takes the arguments as numbers, hex, bytes and structs by name', () => {
    const id = `0x${'01'.repeat(32)}`
    const note = { value: 4, rsaSignature: new Uint8Array(256), ownerSignature: `0x${'02'.repeat(65)}` }
    expect(encodeCall('RewardPrograms', 'redeem', [id, address, id, 4_000_000_000, [note]])).to.match(/^0x[0-9a-f]+$/)
  })

  it('refuses what does not fit', () => {
    expect(() => encodeCall('Anchors', 'anchor', ['0x50544f504f', 256, 1, `0x${'00'.repeat(32)}`]))
      .to.throw(ChainError).with.property('code', 'ERR_CHAIN_CALL_INVALID')
  })
})
