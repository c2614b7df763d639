import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { filesBelow, pathOf, read } from './files.ts'

describe('deploy/symbolon.Dockerfile', () => {
  const lines = read('deploy/symbolon.Dockerfile').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const copied = lines.filter((line) => line.startsWith('COPY ')).flatMap((line) => line.split(' ').slice(1, -1))

  it('stands on the Node that the project runs on, and does not run as root', () => {
    expect(lines[0]).to.equal('FROM node:24-bookworm-slim')
    expect(lines.findIndex((line) => line === 'USER node')).to.be.greaterThan(0).and.lessThan(lines.findIndex((line) => line.startsWith('ENTRYPOINT')))
  })

  it('takes in what it copies, and nothing that is not named', () => {
    const [everything, ...exceptions] = read('deploy/symbolon.Dockerfile.dockerignore').trim().split('\n')
    expect(everything).to.equal('*')
    expect(exceptions.map((line) => line.slice(1)).sort()).to.deep.equal([...copied].sort())
  })

  it('has every room that the command line imports from', () => {
    const rooms = new Set(['scripts/symbolon.ts', ...filesBelow('scripts/besu'), ...filesBelow('chain/permissioning')].flatMap((file) =>
      [...read(file).matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(file, '..', path).split('/')[0] ?? '')))
    expect(copied).to.include.members([...rooms])
  })
})

describe('deploy/besu/make-tls.sh', () => {
  const script = pathOf('deploy/besu/make-tls.sh')
  let folder: string

  before(function () {
    const has = (command: string, ask: string): boolean => spawnSync(command, [ask]).status === 0
    if (!has('bash', '--version') || !has('openssl', 'version')) this.skip()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-tls-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const make = (...nodes: string[]): string => execFileSync('bash', [script, folder, ...nodes], { encoding: 'utf8' })
  const file = (...parts: string[]): Buffer => readFileSync(join(folder, ...parts))

  it('makes key stores that serve a node under its names and addresses, and under no other', async () => {
    make('porto=172.28.74.20,porto.chain.example')
    const server = createServer({ pfx: file('porto', 'keystore.p12'), passphrase: file('porto', 'keystore.password').toString().trim() }, (socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const reach = (servername: string): Promise<string> => new Promise((resolve) => {
      const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername, ca: file('ca.pem') }, () => {
        socket.end()
        resolve('trusted')
      })
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    })
    try {
      expect(await Promise.all(['porto', 'localhost', 'porto.chain.example'].map(reach))).to.deep.equal(['trusted', 'trusted', 'trusted'])
      expect(await reach('clermont')).to.equal('ERR_TLS_CERT_ALTNAME_INVALID')
    } finally {
      server.close()
    }
  })

  it('keeps the authority, so that a node that comes later is trusted too', () => {
    make('porto=172.28.74.20')
    const authority = file('ca.pem').toString()
    make('clermont=172.28.74.21')
    expect(file('ca.pem').toString()).to.equal(authority)
  })

  it('leaves nothing that others can read', () => {
    make('porto=172.28.74.20')
    for (const path of [['ca.key'], ['porto', 'keystore.p12'], ['porto', 'keystore.password']]) expect(statSync(join(folder, ...path)).mode & 0o077, path.join('/')).to.equal(0)
  })

  it('says how it is used', () => {
    const { status, stderr } = spawnSync('bash', [script], { encoding: 'utf8' })
    expect({ status, stderr }).to.deep.equal({ status: 2, stderr: 'make-tls.sh DIR NAME=ADDRESS[,NAME…] …\n' })
  })
})
