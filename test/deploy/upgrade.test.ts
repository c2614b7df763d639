import { existsSync } from 'node:fs'
import { expect } from 'chai'
import { canRunScripts, OperatorsDesk, type Outcome } from './operators-desk.ts'

const former = 'hyperledger/besu:26.3.0'
const newer = 'hyperledger/besu:26.4.0'
const nodes = ['validator-0', 'validator-1', 'validator-2', 'validator-3', 'porto', 'clermont']

describe('deploy/besu/upgrade.sh', function () {
  this.timeout(60_000)
  let desk: OperatorsDesk

  before(function () {
    if (!canRunScripts()) this.skip()
  })
  beforeEach(() => {
    desk = new OperatorsDesk()
    desk.note('nodes', nodes.map((name) => `${name}\t${name.startsWith('validator') ? 'validator' : 'member'}\tPTOPO\t10.0.0.1\t0x0\n`).join(''))
    for (const name of nodes) {
      desk.serve(name, former)
      desk.write(`site/local/data/${name}/database/CURRENT`, `blocks of ${name}`)
    }
    desk.write('site/compose.yaml', 'services: {}\n')
    desk.write('site/network.yaml', 'version: 1\n')
    desk.write('site/.env', 'BESU_UID=1000\nBESU_IMAGE_PORTO=hyperledger/besu:26.2.0\n')
  })
  afterEach(() => desk.remove())

  const upgrade = (...more: string[]): Outcome => desk.run('upgrade.sh', '--dir', desk.at('site'), '--image', newer, ...more)
  const changes = () => desk.calls(/^docker compose ((?:stop|start|up) .*)$/)
  const imageOf = (name: string): string => desk.read(`stub/images/${name}`)

  it('takes the nodes one after the other, members first, each only once the one before is in order', () => {
    const { status, stderr } = upgrade()
    expect(status, stderr).to.equal(0)
    const steps = desk.calls(/^(?:docker compose (?:stop|up) .*|symbolon besu check .*(?:--wait 600|--spare).*)$/).map((call) => call
      .replace(/^docker compose (\w+) .*?([a-z0-9-]+)$/, '$1 $2')
      .replace(/^symbolon .* --node (\S+)=\S+ --spare$/, 'spare $1')
      .replace(/^symbolon .* --version (\S+) --node (\S+)=\S+$/, 'check $2 $1'))
    const turn = (name: string): string[] => [`stop ${name}`, `up ${name}`, `check ${name} 26.4.0`]
    // Another city may have a validator of its own down: asked before each.
    expect(steps).to.deep.equal([...['porto', 'clermont'].flatMap(turn), ...['validator-0', 'validator-1', 'validator-2', 'validator-3'].flatMap((name) => [`spare ${name}`, ...turn(name)])])
    for (const name of nodes) {
      expect(imageOf(name).trim()).to.equal(newer)
      expect(existsSync(desk.at(`site/local/data/${name}.before`))).to.equal(false)
    }
    // As the nodes run: so that it can read what they can.
    expect(desk.calls(/^docker run .*--user (\S+) .*validate-config/)).to.deep.equal(nodes.map(() => '1001:1001'))
    const [first, ...images] = desk.read('site/.env').trim().split('\n')
    expect(first).to.equal('BESU_UID=1000')
    expect(images.sort()).to.deep.equal(nodes.map((name) => `BESU_IMAGE_${name.toUpperCase().replaceAll('-', '_')}=${newer}`).sort())
  })

  it('goes back to image and data from before when a validator makes no blocks, and leaves the others alone', () => {
    desk.note('bad', `validator-1 ${newer}\n`)
    const { status, stderr } = upgrade()
    expect(status).to.equal(1)
    expect(stderr).to.match(/validator-1 is not in order with hyperledger\/besu:26\.4\.0/)
      .and.match(/last words of validator-1/)
      .and.match(/validator-1 runs hyperledger\/besu:26\.3\.0 again/)
    // Besu 26.3.0 would not start on what 26.4.0 has written to: the stub sees to that as Besu does.
    expect(desk.read('stub/running').trim().split('\n')).to.have.members(nodes)
    expect(desk.read('site/local/data/validator-1/VERSION_METADATA.json')).to.equal('26.3.0\n')
    expect(desk.read('site/local/data/validator-1/database/CURRENT')).to.equal('blocks of validator-1')
    expect(desk.read('site/local/data/validator-1.failed/VERSION_METADATA.json')).to.equal('26.4.0\n')
    expect(nodes.map((name) => imageOf(name).trim())).to.deep.equal([newer, former, former, former, newer, newer])
    expect(changes().filter((call) => /validator-[23]/.test(call))).to.deep.equal([])
    expect(desk.read('site/.env')).to.include('BESU_IMAGE_VALIDATOR_0=hyperledger/besu:26.4.0').and.not.include('VALIDATOR_1')
  })

  it('goes on where it was broken off', () => {
    desk.note('bad', `validator-1 ${newer}\n`)
    upgrade()
    desk.note('bad', undefined)
    desk.note('calls', '')
    const { status, stdout } = upgrade()
    expect(status).to.equal(0)
    expect(stdout).to.match(/porto runs hyperledger\/besu:26\.4\.0 already/)
    expect(desk.calls(/^docker compose stop (.*)$/)).to.deep.equal(['validator-1', 'validator-2', 'validator-3'])
  })

  it('starts the node again, as it was, when it is broken off before the new image', () => {
    desk.note('unstoppable', '')
    expect(upgrade('--node', 'porto').status).to.equal(1)
    expect(desk.read('stub/running')).to.include('porto')
    expect(imageOf('porto').trim()).to.equal(former)
  })

  it('stops no validator while another is missing', () => {
    desk.note('no-spare', '')
    const { status, stderr } = upgrade('--node', 'validator-2')
    expect({ status, stderr }).to.deep.include({ status: 1 })
    expect(stderr).to.match(/without it the chain would stand still/)
    expect(changes()).to.deep.equal([])
  })

  for (const [what, prepare, complaint] of [
    ['a node is not in order', () => desk.note('bad', `porto ${former}\n`), /not every node is in order: nothing was changed/],
    ['a node is down', () => desk.note('running', 'validator-0\n'), /is not running: bring every node in order/],
    ['the image cannot be had', () => desk.note('unreachable', ''), /cannot be had/],
    ['the image is another version than its tag', () => desk.note('contains', '26.1.0'), /says it is: besu\/v26\.1\.0/],
    ['the image does not know an option', () => desk.note('gone-option', ''), /does not take local\/config\/porto\.toml: Unknown option/],
    ['a copy of the data is left over', () => desk.write('site/local/data/porto.before/x', ''), /left of an upgrade that was broken off/]
  ] as const) {
    it(`touches nothing when ${what}`, () => {
      prepare()
      const { status, stderr } = upgrade()
      expect(status).to.equal(1)
      expect(stderr).to.match(complaint)
      expect(changes()).to.deep.equal([])
    })
  }

  it('refuses images without a version, faulty ones, and older ones than the nodes have', () => {
    const refusal = (image: string) => desk.run('upgrade.sh', '--dir', desk.at('site'), '--image', image)
    expect(refusal('hyperledger/besu:latest')).to.deep.include({ status: 2 })
    expect(refusal(`hyperledger/besu@sha256:${'0'.repeat(64)}`)).to.deep.include({ status: 2 })
    expect(refusal('hyperledger/besu:25.12.0').stderr).to.match(/makes faulty blocks here: take 26\.2\.0 or later/)
    expect(refusal('hyperledger/besu:26.2.0').stderr).to.match(/porto runs 26\.3\.0, and an older Besu cannot read its data/)
    expect(changes()).to.deep.equal([])
    expect(refusal(`${newer}@sha256:${'0'.repeat(64)}`).status).to.equal(0)
  })

  it('only looks with --dry-run', () => {
    const { status, stdout } = upgrade('--dry-run')
    expect(status).to.equal(0)
    expect(stdout).to.match(/would stop it, copy local\/data\/validator-3, start it with/)
    expect(desk.calls(/^docker (?:compose (?:stop|start|up)|pull|run)/)).to.deep.equal([])
  })

  it('says how it is used', () => {
    expect(desk.run('upgrade.sh', '--help')).to.deep.include({ status: 0, stderr: '' })
    expect(desk.run('upgrade.sh')).to.deep.include({ status: 2, stdout: '' })
    expect(desk.run('upgrade.sh', '--image').stderr).to.match(/--image needs a value/)
    expect(desk.run('upgrade.sh', '--imgae', newer).stderr).to.match(/there is no --imgae/)
  })
})
