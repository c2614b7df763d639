import { expect } from 'chai'
import { ConfigError, parseConfig } from '../../../api/platform/config.ts'

const demo = {
  SYMBOLON_ENV: 'demo', SYMBOLON_LOCODE: 'PTOPO', SYMBOLON_CITY_NAME: 'Porto', SYMBOLON_PUBLIC_URL: 'http://localhost:4800/', SYMBOLON_PORT: '4800',
  SYMBOLON_DATA_DIR: '/nowhere', SYMBOLON_RPC_URL: 'http://127.0.0.1:4802', SYMBOLON_DEPLOYMENT: '/nowhere/deployment.json',
  SYMBOLON_KEK: `demo:${Buffer.alloc(32, 3).toString('base64url')}`, SYMBOLON_RECOGNISE: 'FRCFE, ESMAD',
}
const production = {
  ...demo, SYMBOLON_ENV: 'production', SYMBOLON_PUBLIC_URL: 'https://card.porto.example', SYMBOLON_KEK: Buffer.alloc(32, 3).toString('base64url'),
  SYMBOLON_OIDC_ISSUER: 'https://id.porto.example', SYMBOLON_OIDC_CLIENT_ID: 'symbolon', SYMBOLON_METRICS_TOKEN: 'figures',
}
const refusal = (environment: Record<string, string | undefined>): string => {
  try {
    parseConfig(environment)
    return 'accepted'
  } catch (error) {
    return error instanceof ConfigError ? error.message : 'another error'
  }
}

describe('parseConfig', () => {
  it('reads a demonstration', () => {
    const config = parseConfig(demo)
    expect(config).to.deep.include({ publicUrl: 'http://localhost:4800', oidc: undefined, recognise: ['FRCFE', 'ESMAD'], statusEpochSeconds: 300 })
    expect(config.keyEncryptionKey).to.have.length(32)
  })

  it('reads production', () => {
    expect(parseConfig(production).oidc?.issuer).to.equal('https://id.porto.example')
  })

  it('takes a second node as a witness, and not the same one twice', () => {
    expect(parseConfig(demo).rpcWitnessUrl).to.equal(undefined)
    expect(parseConfig({ ...demo, SYMBOLON_RPC_WITNESS_URL: 'https://node.example' }).rpcWitnessUrl).to.equal('https://node.example')
    expect(refusal({ ...demo, SYMBOLON_RPC_WITNESS_URL: demo.SYMBOLON_RPC_URL })).to.include('SYMBOLON_RPC_WITNESS_URL')
  })

  for (const [what, change, expected] of [
    ['the embedded provider', { SYMBOLON_OIDC_ISSUER: undefined }, 'SYMBOLON_OIDC_ISSUER'],
    ['a provider over http', { SYMBOLON_OIDC_ISSUER: 'http://id.porto.example' }, 'SYMBOLON_OIDC_ISSUER'],
    ['a demonstration key', { SYMBOLON_KEK: demo.SYMBOLON_KEK }, 'SYMBOLON_KEK'],
    ['a public URL over http', { SYMBOLON_PUBLIC_URL: 'http://card.porto.example' }, 'SYMBOLON_PUBLIC_URL'],
    ['demonstration passwords', { SYMBOLON_DEMO_PASSWORDS: 'officer:12345678' }, 'SYMBOLON_DEMO_PASSWORDS'],
    ['metrics for everybody', { SYMBOLON_METRICS_TOKEN: undefined }, 'SYMBOLON_METRICS_TOKEN'],
    ['a demonstration programme', { SYMBOLON_DEMO_PROGRAM: 'Points' }, 'SYMBOLON_DEMO_PROGRAM'],
  ] as const) {
    it(`refuses ${what} in production`, () => {
      expect(refusal({ ...production, ...change })).to.contain(expected)
    })
  }

  for (const [what, change, expected] of [
    ['a locode of four letters', { SYMBOLON_LOCODE: 'PTOP' }, 'SYMBOLON_LOCODE'],
    ['a public URL with a path', { SYMBOLON_PUBLIC_URL: 'http://localhost:4800/porto' }, 'SYMBOLON_PUBLIC_URL'],
    ['no key', { SYMBOLON_KEK: undefined }, 'SYMBOLON_KEK'],
    ['a key file that is not there', { SYMBOLON_KEK: undefined, SYMBOLON_KEK_FILE: '/nowhere/kek' }, 'SYMBOLON_KEK_FILE'],
    ['no place for data', { SYMBOLON_DATA_DIR: undefined }, 'SYMBOLON_DATA_DIR'],
    ['half of TLS', { SYMBOLON_TLS_CERT: '/nowhere/cert' }, 'SYMBOLON_TLS_KEY'],
    ['short passwords', { SYMBOLON_DEMO_PASSWORDS: 'officer:short' }, 'SYMBOLON_DEMO_PASSWORDS'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(refusal({ ...demo, ...change })).to.contain(expected)
    })
  }

  it('never quotes a value in its complaints', () => {
    expect(refusal({ ...demo, SYMBOLON_KEK: 'secret-but-too-short' })).not.to.contain('secret-but')
  })
})
