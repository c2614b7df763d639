import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

describe('api/cli/next-controller', function () {
  this.timeout(120_000)
  let folder: string

  before(async () => { folder = await mkdtemp(join(tmpdir(), 'symbolon-next-controller-')) })
  after(async () => { await rm(folder, { recursive: true, force: true }) })

  const run = async (program: string, port = 0): Promise<Record<string, string>> => {
    const env = {
      PATH: process.env['PATH'], SYMBOLON_ENV: 'test', SYMBOLON_LOCODE: 'PTOPO', SYMBOLON_CITY_NAME: 'Porto', SYMBOLON_PUBLIC_URL: 'https://porto.example', SYMBOLON_PORT: String(port),
      SYMBOLON_DATA_DIR: folder, SYMBOLON_RPC_URL: 'http://127.0.0.1:9', SYMBOLON_DEPLOYMENT: join(folder, 'deployment.json'),
      SYMBOLON_KEK: Buffer.alloc(32, 7).toString('base64url'),
    }
    const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', join('api', 'cli', `${program}.ts`)], { env })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, string>
  }

  it('makes one key to act for the city next, beside the one that does, and names it again when asked again', async () => {
    const { controller } = await run('city-keys')
    const first = await run('next-controller')
    expect(first).to.deep.include({ locode: 'PTOPO', controller })
    expect(first['next_controller']).to.match(/^0x[0-9a-fA-F]{40}$/).and.not.to.equal(controller)
    expect(await run('next-controller')).to.deep.equal(first)
    expect((await run('city-keys'))['controller'], 'nothing has changed yet').to.equal(controller)
  })

  it('does not open the embedded database beside the service that has it open', async () => {
    const service = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => service.once('listening', resolve))
    try {
      const outcome = await run('next-controller', (service.address() as AddressInfo).port).catch((error: unknown) => (error as { stderr: string }).stderr)
      expect(outcome).to.contain('stop it first')
    } finally {
      service.close()
    }
  })
})
