import { generateKeyPairSync, sign } from 'node:crypto'
import { expect } from 'chai'
import { webCryptoSuite, type EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'
import { nativeCryptoSuite } from '../../../agent/keys/crypto-suite-node.ts'
import { TrustListError, type TrustListErrorCode } from '../../../agent/trust-lists/errors.ts'
import { createListOfTrustedEntities } from '../../../agent/trust-lists/lote.ts'
import { signListOfTrustedEntities } from '../../../agent/trust-lists/sign-lote.ts'
import type { RegisteredAccreditation, TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import { verifyListOfTrustedEntities } from '../../../agent/trust-lists/verify-lote.ts'
import { createPorto, DAY, NOW, PORTO_TYPE, PORTO_URL, type Porto } from '../porto.ts'
import { History } from './registers.ts'

describe('A signed list of trusted entities', () => {
  let porto: Porto
  let publicJwk: EcPublicJwk
  before(async () => {
    porto = await createPorto()
    publicJwk = (await porto.agent.keys.getKey(porto.issuerKid)).publicJwk as EcPublicJwk
  })

  /** A register of today in which Porto has its key. */
  const register = (key: Partial<RegisteredAccreditation> = {}, change: (history: History) => History = (history) => history): TrustRegister => {
    const history = change(new History().admit(0).activate(0))
    const base = history.register(NOW)
    const place = { blockNumber: 1, logIndex: 0, transactionHash: '0x1', atSeconds: base.block.timestampSeconds }
    const accreditation = {
      locode: 'PTOPO', thumbprint: porto.issuerKid, publicJwk, credentialType: PORTO_TYPE, validFromSeconds: NOW - 30 * DAY, validUntilSeconds: NOW + 300 * DAY,
      accredited: place, withdrawals: [], ...key,
    }
    return { ...base, accreditations: [accreditation] }
  }
  const signed = async (of: TrustRegister, change: Partial<Parameters<typeof signListOfTrustedEntities>[1]> & { issuedAt?: number } = {}) => {
    const { issuedAt = NOW, ...signing } = change
    const list = createListOfTrustedEntities(of, {
      operator: { locode: 'PTOPO', cityName: 'Porto', publicUrl: PORTO_URL }, listUrl: `${PORTO_URL}/list`, issuedAtSeconds: issuedAt, nextUpdateSeconds: issuedAt + DAY,
    })
    return await signListOfTrustedEntities(list, {
      kid: `${porto.did}#${porto.issuerKid}`, x5c: porto.x5c, signedAtSeconds: issuedAt, crypto: nativeCryptoSuite,
      sign: async (input) => await porto.agent.keys.signJws(porto.issuerKid, input), ...signing,
    })
  }
  const verify = async (token: string, nowSeconds = NOW, mayBeSuspended = false) =>
    await verifyListOfTrustedEntities(token, { nowSeconds, crypto: webCryptoSuite, mayBeSuspended })
  const expectRefusal = async (code: TrustListErrorCode, token: string, nowSeconds = NOW, mayBeSuspended = false) => {
    const thrown: unknown = await verify(token, nowSeconds, mayBeSuspended).then(() => undefined, (error: unknown) => error)
    expect(thrown, code).to.be.instanceOf(TrustListError).with.property('code', code)
  }

  it('names its signer, who is a member in good standing', async () => {
    const { list, signer, signerThumbprint } = await verify(await signed(register()))
    expect([signer.locode, signerThumbprint, list.members.length]).to.deep.equal(['PTOPO', porto.issuerKid, 1])
  })

  it('is compact JAdES of baseline B: certificate, its digest and the claimed time are in the protected header', async () => {
    const [head = ''] = (await signed(register())).split('.')
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
    expect(Object.keys(header).sort()).to.deep.equal(['alg', 'iat', 'kid', 'typ', 'x5c', 'x5t#S256'])
    const digest = Buffer.from(nativeCryptoSuite.sha256(Buffer.from(porto.x5c[0] ?? '', 'base64')) as Uint8Array).toString('base64url')
    expect(header).to.include({ alg: 'ES256', iat: NOW, 'x5t#S256': digest })
    // TS 119 182-1 V1.2.1 §5.2.1: the older claim of time must not stand beside `iat`.
    expect(header).to.not.have.property('sigT')
  })

  it('counts until its next update and not longer', async () => {
    const token = await signed(register())
    await verify(token, NOW + DAY)
    await expectRefusal('ERR_TRUST_LIST_STALE', token, NOW + DAY + 1)
  })

  it('is not believed when it comes from the future', async () => {
    await expectRefusal('ERR_TRUST_LIST_STALE', await signed(register(), { issuedAt: NOW + 3_600 }))
  })

  it('is not believed once anything in it was changed', async () => {
    const [header = '', payload = '', signature = ''] = (await signed(register())).split('.')
    const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"Porto"', '"Lisboa"')).toString('base64url')
    await expectRefusal('ERR_TRUST_LIST_SIGNATURE', `${header}.${other}.${signature}`)
    await expectRefusal('ERR_TRUST_LIST_SIGNATURE', `${header}.${payload}.${signature.slice(0, -4)}AAAA`)
  })

  it('is not believed when another key signed under the city\'s certificate', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const foreign = (input: string) => sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
    await expectRefusal('ERR_TRUST_LIST_SIGNATURE', await signed(register(), { sign: foreign }))
  })

  it('is not believed when its digest is of another certificate', async () => {
    const token = await signed(register(), { crypto: { sha256: () => new Uint8Array(32) } })
    await expectRefusal('ERR_TRUST_LIST_SIGNATURE', token)
  })

  it('is not believed when the certificate has run out', async () => {
    const late = NOW + 4_000 * DAY
    await expectRefusal('ERR_TRUST_LIST_SIGNATURE', await signed(register(), { issuedAt: late }), late)
  })

  it('is not believed when the signer\'s key is withdrawn, unknown, or its city suspended', async () => {
    const bad = [
      register({ untrustedFromSeconds: NOW - 1, withdrawals: [{ blockNumber: 2, logIndex: 0, transactionHash: '0x2', atSeconds: NOW, untrustedFromSeconds: NOW - 1 }] }),
      register({ thumbprint: 'another' }),
      register({ validUntilSeconds: NOW - 1 }),
      register({}, (history) => history.city('CitySuspended', 0, { reason: 1, until: NOW + DAY })),
      register({}, (history) => history.city('CityRemoved', 0)),
    ]
    for (const one of bad) await expectRefusal('ERR_TRUST_LIST_SIGNER', await signed(one))
  })

  it('is read by whoever asks for it when its city is suspended, and not when it may not sign for another reason', async () => {
    const { signer } = await verify(await signed(register({}, (history) => history.city('CitySuspended', 0, { reason: 1, until: NOW + DAY }))), NOW, true)
    expect(signer).to.deep.include({ locode: 'PTOPO', standing: 'suspended' })
    for (const one of [register({ thumbprint: 'another' }), register({ validUntilSeconds: NOW - 1 }), register({}, (history) => history.city('CityRemoved', 0))]) {
      await expectRefusal('ERR_TRUST_LIST_SIGNER', await signed(one), NOW, true)
    }
  })

  it('is no status list, card or anything else that the key signs', async () => {
    const [, payload = '', signature = ''] = (await signed(register())).split('.')
    for (const change of [{ typ: 'statuslist+jwt' }, { alg: 'none' }, { crit: ['exp'] }, { x5c: [] }, { iat: 'now' }]) {
      const header = { alg: 'ES256', typ: 'trustlist+jwt', iat: NOW, x5c: porto.x5c, ...change }
      await expectRefusal('ERR_TRUST_LIST_MALFORMED', `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.${signature}`)
    }
    await expectRefusal('ERR_TRUST_LIST_MALFORMED', 'no list')
    await expectRefusal('ERR_TRUST_LIST_MALFORMED', `${'A'.repeat(5_000_000)}.e30.AAAA`)
  })
})
